-- Lowers cursors of a session without an owner, or with an owner that does not run.
-- ARGV: the epoch and the owner that the caller has read, in flight, then pairs of a feed's name and its cursor
-- Reply: 1 done; 0 the session was claimed or released since, or is not stored
local stored = redis.call('HMGET', session, 'epoch', 'owner')
if stored[1] ~= ARGV[1] or stored[2] ~= ARGV[2] then
  return {0}
end
local lowered = false
for i = 4, #ARGV, 2 do
  local field = 'f:' .. ARGV[i]
  local cursor, rest = cursorAndRest(redis.call('HGET', session, field) or '')
  if cursor and tonumber(cursor) > tonumber(ARGV[i + 1]) then
    redis.call('HSET', session, field, ARGV[i + 1] .. rest)
    lowered = true
  end
end
if lowered then
  setInFlight(ARGV[3])
end
return {1}
