-- Shared by all session scripts. A session is one hash:
--   epoch, owner (connector id; empty when released), incarnation, expiry (seconds),
--   claim (the name of the claim; absent once begin.lua has begun a new session),
--   inflight (the deliveries that were sent and not acknowledged, see InFlightFormat; absent when there are none),
--   and per subscription s:<address> = "<options> <cursor>", with a gap "<options> <cursor> <from> <through>"
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

local function setInFlight(inFlight)
  if inFlight == '' then
    redis.call('HDEL', session, 'inflight')
  else
    redis.call('HSET', session, 'inflight', inFlight)
  end
end
