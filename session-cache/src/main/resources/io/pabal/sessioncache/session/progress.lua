-- Writes the progress of several sessions of one bucket: checkpoints, and releases, which also end the claim.
-- KEYS: the sessions, then the generation
-- ARGV, per session: the field fence as it is after the newest write that Redis has confirmed to the writer, the field fence
--   after this write, expiry seconds for a release or '' for a checkpoint, in flight, number of cursors, then pairs of a
--   feed's field and its cursor
-- Reply, per session: 1 written; 0 the session was claimed again, released or deleted; -1 Redis has lost the claim, as in
--   fence.lua; -2 the key is no hash. A session that is not written does not stop the others.
generation = KEYS[#KEYS]

-- Locals are cheaper than globals, and Redis runs this script more often than any other.
local call, pcall, find, sub, match, tonumber = redis.call, redis.pcall, string.find, string.sub, string.match, tonumber
local KEYS, ARGV = KEYS, ARGV

-- The number of values that Lua passes to one command is limited.
local CURSORS_MAX = 1000

-- Adds to changes the fields whose stored cursors are lower than those of ARGV[first...last].
-- stored[at...] are the stored values of these fields.
local function advance(changes, first, last, stored, at)
  local size = #changes
  for i = first, last, 2 do
    local value = stored[at]
    at = at + 1
    if value then
      local cursor = ARGV[i + 1]
      local rest = find(value, '%D', 2) or #value + 1
      local before = tonumber(sub(value, 1, rest - 1))
      if before and tonumber(cursor) > before then
        changes[size + 1] = ARGV[i]
        changes[size + 2] = cursor .. sub(value, rest)
        size = size + 2
      end
    end
  end
end

local function fieldsOf(first, last, fields)
  for i = first, last, 2 do
    fields[#fields + 1] = ARGV[i]
  end
  return fields
end

-- For a stored fence that is not the confirmed one. Reply: as for the script, and the fence to store
local function fenced(confirmed, fence, stored)
  local epoch = match(confirmed, '^%d+')
  if stored and match(stored, '^%d+') == epoch then
    local writes = writesOf(stored)
    return writes < writesOf(confirmed) and -1 or 1, writes < writesOf(fence) and fence or stored
  end
  local current = call('HGET', session, 'epoch')
  return (not current or tonumber(current) < tonumber(epoch)) and -1 or 0
end

-- The arguments of a session are ARGV[at] up to ARGV[last]. Reply: as for the script
local function write(at, last)
  local confirmed, fence, expiry, inFlight = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local first = at + 5
  local chunk = math.min(last, first + 2 * CURSORS_MAX - 1)
  local stored
  if first > last then
    stored = pcall('HMGET', session, 'fence', 'inflight')
  elseif first + 1 == last then
    stored = pcall('HMGET', session, 'fence', 'inflight', ARGV[first])
  else
    stored = pcall('HMGET', session, unpack(fieldsOf(first, chunk, {'fence', 'inflight'})))
  end
  if stored.err then
    return find(stored.err, 'WRONGTYPE', 1, true) and -2 or call('HGET', session, 'epoch')
  end
  if stored[1] ~= confirmed then
    local result
    result, fence = fenced(confirmed, fence, stored[1])
    if result ~= 1 then
      return result
    end
  end
  if expiry == '0' then
    drop(match(fence, '^%d+'), call('HGET', session, 'took'))
    return 1
  end
  local changes = {'fence', expiry == '' and fence or ''}
  advance(changes, first, chunk, stored, 3)
  if inFlight ~= '' then
    changes[#changes + 1] = 'inflight'
    changes[#changes + 1] = inFlight
  elseif stored[2] then
    call('HDEL', session, 'inflight')
  end
  if expiry ~= '' then
    changes[#changes + 1] = 'owner'
    changes[#changes + 1] = ''
    changes[#changes + 1] = 'expiry'
    changes[#changes + 1] = expiry
    keepFor(expiry, 0)
  end
  if #changes == 4 then
    call('HSET', session, changes[1], changes[2], changes[3], changes[4])
  else
    call('HSET', session, unpack(changes))
  end
  while chunk < last do
    first, chunk, changes = chunk + 1, math.min(last, chunk + 2 * CURSORS_MAX), {}
    advance(changes, first, chunk, call('HMGET', session, unpack(fieldsOf(first, chunk, {}))), 1)
    if #changes > 0 then
      call('HSET', session, unpack(changes))
    end
  end
  return 1
end

-- The most frequent case of write: one cursor, nothing in flight, and no other write since the confirmed one. Whether it was
-- the case; otherwise nothing is written.
local function writeOne(at, field, cursor)
  local stored = pcall('HMGET', session, 'fence', 'inflight', field)
  local value = stored[3]
  if stored[1] == ARGV[at] and value and not stored[2] then
    local rest = find(value, '%D', 2) or #value + 1
    local before = tonumber(sub(value, 1, rest - 1))
    if before and tonumber(cursor) > before then
      call('HSET', session, 'fence', ARGV[at + 1], field, cursor .. sub(value, rest))
      return true
    end
  end
  return false
end

local reply = {}
local at = 1
for i = 1, #KEYS - 1 do
  session = KEYS[i]
  local count, last = ARGV[at + 4], at + 6
  if count == '1' and ARGV[at + 2] == '' and ARGV[at + 3] == '' and writeOne(at, ARGV[at + 5], ARGV[last]) then
    reply[i] = 1
  else
    last = at + 4 + 2 * count
    reply[i] = write(at, last)
  end
  at = last + 1
end
return reply
