-- ARGV[FIRST]: expiry seconds
local incarnation = redis.call('HGET', session, 'incarnation')
redis.call('DEL', session)
redis.call('HSET', session, 'fence', ARGV[1] .. ' ' .. ARGV[3], 'epoch', ARGV[1], 'owner', current[2], 'incarnation', incarnation, 'expiry', ARGV[FIRST])
if current[5] then
  redis.call('HSET', session, 'took', current[5])
end
keepFor(ARGV[FIRST], CLAIMED_GRACE_SECONDS)
return {1}
