-- ARGV: epoch of the lost claim, connector id, incarnation, expiry seconds, in flight, name of the claim, then
--   pairs of a feed's name and its value
-- Reply: the epoch of the new claim and the generation; 0 when the session was claimed again since
local stored = redis.call('HMGET', session, 'epoch', 'owner')
local epoch = tonumber(stored[1] or '-1')
-- A stored claim of the same epoch is the lost one, without its newest writes.
if epoch > tonumber(ARGV[1]) or (epoch == tonumber(ARGV[1]) and stored[2] == '') then
  return {0}
end
local now = clock()
local began = begunAt(now)
epoch = printed(math.max(now, ARGV[1] + 1))
redis.call('DEL', session)
redis.call('HSET', session, 'fence', epoch .. ' 0', 'epoch', epoch, 'owner', ARGV[2], 'incarnation', ARGV[3], 'expiry', ARGV[4], 'claim', ARGV[6])
if ARGV[4] ~= '0' then
  setInFlight(ARGV[5])
  for i = 7, #ARGV, 2 do
    redis.call('HSET', session, 'f:' .. ARGV[i], ARGV[i + 1])
  end
end
keepFor(ARGV[4], CLAIMED_GRACE_SECONDS)
return {epoch, began}
