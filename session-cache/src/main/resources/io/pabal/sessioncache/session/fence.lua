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
