-- ARGV: the epoch of the writer's claim, the number of the newest write under this claim that Redis has confirmed to the
--   writer, and the number of this write; 0 for both: not counted
-- Reply: 1 written; 0 the session was claimed again, released or deleted; -1 Redis has lost the claim, or confirmed writes
--   under it (it was emptied, went back to an earlier state, or a lagging replica took over)
local current = redis.call('HMGET', session, 'epoch', 'owner', 'expiry', 'fence', 'took')
if not current[1] or tonumber(current[1]) < tonumber(ARGV[1]) then
  return {-1}
end
if current[1] ~= ARGV[1] or current[2] == '' then
  return {0}
end
local writes = writesOf(current[4])
if writes < tonumber(ARGV[2]) then
  return {-1}
end
if writes < tonumber(ARGV[3]) then
  redis.call('HSET', session, 'fence', ARGV[1] .. ' ' .. ARGV[3])
end
local expiry = current[3] or '0'
local FIRST = 4
