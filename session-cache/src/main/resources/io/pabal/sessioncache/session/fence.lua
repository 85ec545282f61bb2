-- ARGV: the epoch of the writer's claim, the number of the newest write under this claim that Redis has confirmed to the
--   writer, and the number of this write; 0 for both: not counted
-- Reply: 1 written; 0 the session was claimed again, released or deleted; -1 Redis has lost the claim, or confirmed writes
--   under it (it was emptied, went back to an earlier state, or a lagging replica took over)
local current = redis.call('HMGET', session, 'epoch', 'owner', 'expiry', 'writes', 'took')
if not current[1] or tonumber(current[1]) < tonumber(ARGV[1]) then
  return {-1}
end
if current[1] ~= ARGV[1] or current[2] == '' then
  return {0}
end
local writes = tonumber(current[4] or '0')
if writes < tonumber(ARGV[2]) then
  return {-1}
end
if writes < tonumber(ARGV[3]) then
  redis.call('HSET', session, 'writes', ARGV[3])
end
local expiry = current[3] or '0'
local FIRST = 4

-- ARGV[first...]: pairs of a feed's name and its cursor
local function advanceCursors(first)
  for i = first, #ARGV, 2 do
    local field = 'f:' .. ARGV[i]
    local cursor, rest = cursorAndRest(redis.call('HGET', session, field) or '')
    if cursor and tonumber(ARGV[i + 1]) > tonumber(cursor) then
      redis.call('HSET', session, field, ARGV[i + 1] .. rest)
    end
  end
end
