-- Shared by all session scripts. A session is one hash:
--   fence (the epoch and the number of the newest write under the claim, with a space between them; empty when released),
--   epoch, owner (connector id; empty when released), incarnation, expiry (seconds),
--   claim (the name of the claim; absent once begin.lua has begun a new session),
--   took (1 once a claim has superseded an owner that had not released the session),
--   inflight (the deliveries that were sent and not acknowledged, see InFlightFormat; absent when there are none),
--   and per feed f:<prefix> = its cursor, followed by its gap and subscriptions (see StoredFeed)
-- The generation is the clock (microseconds, like epochs) at which the present data of the session's bucket began. It is
-- lost with the sessions of the bucket when Redis is emptied.
local EXPIRY_NEVER = '4294967295'
local CLAIMED_GRACE_SECONDS = 24 * 3600
local session, generation = KEYS[1], KEYS[2]

-- Microseconds stay below 2^53, so a double holds them exactly. Lua's default format would print 1.8e+15.
local function printed(microseconds)
  return string.format('%.0f', microseconds)
end

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- The two parts of a feed's value. nil, nil for an empty text
local function cursorAndRest(value)
  return string.match(value, '^(%-?%d+)(.*)$')
end

-- The number of the newest write; 0 when the claim is over
local function writesOf(fence)
  return tonumber(string.match(fence or '', ' (%d+)$') or '0')
end

-- The generation; it begins now if there is none.
local function begunAt(now)
  local began = redis.call('GET', generation)
  if not began then
    began = printed(now)
    redis.call('SET', generation, began)
  end
  return began
end

local function keepFor(expiry, graceSeconds)
  if expiry == EXPIRY_NEVER then
    redis.call('PERSIST', session)
  else
    redis.call('EXPIRE', session, expiry + graceSeconds)
  end
end

-- Deletes the session. An owner that this claim has superseded may not know of it yet. To such an owner a session without a
-- trace would be lost, and it would write the session again; so a trace stays for as long as its claim could have lived.
local function drop(epoch, took)
  redis.call('DEL', session)
  if took == '1' then
    redis.call('HSET', session, 'epoch', epoch, 'owner', '')
    redis.call('EXPIRE', session, CLAIMED_GRACE_SECONDS)
  end
end

local function setInFlight(inFlight)
  if inFlight == '' then
    redis.call('HDEL', session, 'inflight')
  else
    redis.call('HSET', session, 'inflight', inFlight)
  end
end
