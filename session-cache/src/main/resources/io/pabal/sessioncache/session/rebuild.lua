-- Writes a session that nobody holds as the topic `sessions` knows it, unless something newer is here.
-- ARGV: epoch, expiry seconds, seconds that are left of it, whether the subscriptions are all there are (1 or 0), whether to
--   write (1) or only to look (0), then pairs of address and subscription
-- Reply: 1 written, or would be; 0 what is here is as new or newer
local stored = redis.call('HMGET', session, 'epoch', 'owner')
local epoch = tonumber(stored[1] or '-1')
-- The same epoch without an owner was written here before, by somebody who knew less.
if epoch > tonumber(ARGV[1]) or (epoch == tonumber(ARGV[1]) and stored[2] ~= '') then
  return {0}
end
if ARGV[5] == '0' then
  return {1}
end
redis.call('SET', generation, printed(clock()), 'NX')
local kept = {}
for i = 6, #ARGV, 2 do
  local field = 's:' .. ARGV[i]
  local here = redis.call('HGET', session, field)
  local cursor = here and tonumber(string.match(here, '%d+ (%-?%d+)'))
  kept[field] = cursor and cursor > tonumber(string.match(ARGV[i + 1], '%d+ (%-?%d+)')) and here or ARGV[i + 1]
end
if ARGV[4] == '1' then
  redis.call('DEL', session)
end
redis.call('HSET', session, 'epoch', ARGV[1], 'owner', '', 'incarnation', '0', 'expiry', ARGV[2])
redis.call('HDEL', session, 'inflight')
for field, subscription in pairs(kept) do
  redis.call('HSET', session, field, subscription)
end
if ARGV[2] == EXPIRY_NEVER then
  redis.call('PERSIST', session)
else
  redis.call('EXPIRE', session, ARGV[3])
end
return {1}
