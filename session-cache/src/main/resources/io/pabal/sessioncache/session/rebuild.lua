-- Writes a session without an owner, as reconstructed from the topic `sessions`, unless Redis has a newer state.
-- ARGV: epoch, expiry seconds, seconds left until the expiry, whether the subscriptions are complete (1 or 0), whether to
--   write (1) or only to check (0), then pairs of a feed's name and its value
-- Reply: 1 written, or would be written; 0 Redis has an equal or newer state
local stored = redis.call('HMGET', session, 'epoch', 'owner')
local epoch = tonumber(stored[1] or '-1')
-- An equal epoch without an owner was written by an earlier rebuild, which may have known less: it is replaced.
if epoch > tonumber(ARGV[1]) or (epoch == tonumber(ARGV[1]) and stored[2] ~= '') then
  return {0}
end
if ARGV[5] == '0' then
  return {1}
end
begunAt(clock())
local kept = {}
for i = 6, #ARGV, 2 do
  local field = 'f:' .. ARGV[i]
  local here = redis.call('HGET', session, field)
  local cursor = here and cursorAndRest(here)
  kept[field] = cursor and tonumber(cursor) > tonumber((cursorAndRest(ARGV[i + 1]))) and here or ARGV[i + 1]
end
if ARGV[4] == '1' then
  redis.call('DEL', session)
end
redis.call('HSET', session, 'fence', '', 'epoch', ARGV[1], 'owner', '', 'incarnation', '0', 'expiry', ARGV[2])
redis.call('HDEL', session, 'inflight')
for field, value in pairs(kept) do
  redis.call('HSET', session, field, value)
end
if ARGV[2] == EXPIRY_NEVER then
  redis.call('PERSIST', session)
else
  redis.call('EXPIRE', session, ARGV[3])
end
return {1}
