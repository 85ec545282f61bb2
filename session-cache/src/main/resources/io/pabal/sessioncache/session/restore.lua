-- ARGV: epoch of the lost claim, connector id, incarnation, expiry seconds, in flight, name of the claim, then
--   pairs of address and subscription
-- Reply: the epoch of the new claim and the generation; 0 when the session was claimed again since
local stored = redis.call('HGET', session, 'epoch')
if stored and tonumber(stored) >= tonumber(ARGV[1]) then
  return {0}
end
local now = clock()
local began = begunAt(now)
local epoch = printed(math.max(now, ARGV[1] + 1))
redis.call('DEL', session)
redis.call('HSET', session, 'epoch', epoch, 'owner', ARGV[2], 'incarnation', ARGV[3], 'expiry', ARGV[4], 'claim', ARGV[6])
if ARGV[4] ~= '0' then
  setInFlight(ARGV[5])
  for i = 7, #ARGV, 2 do
    redis.call('HSET', session, 's:' .. ARGV[i], ARGV[i + 1])
  end
end
keepFor(ARGV[4], CLAIMED_GRACE_SECONDS)
return {epoch, began}
