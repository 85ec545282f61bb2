-- ARGV[1]: the epoch of the writer's claim
-- Reply: 1 written; 0 the session was claimed again, released or deleted; -1 Redis has lost the claim: no session is
--   stored since Redis was emptied, or an older claim is stored (after a failover to a lagging replica)
local current = redis.call('HMGET', session, 'epoch', 'owner', 'expiry')
if not current[1] then
  local began = redis.call('GET', generation)
  return {began and tonumber(began) <= tonumber(ARGV[1]) and 0 or -1}
end
if tonumber(current[1]) < tonumber(ARGV[1]) then
  return {-1}
end
if current[1] ~= ARGV[1] or current[2] == '' then
  return {0}
end
local expiry = current[3] or '0'
