-- ARGV[2]: expiry seconds
local incarnation = redis.call('HGET', session, 'incarnation')
redis.call('DEL', session)
redis.call('HSET', session, 'epoch', ARGV[1], 'owner', current[2], 'incarnation', incarnation, 'expiry', ARGV[2])
keepFor(ARGV[2], CLAIMED_GRACE_SECONDS)
return {1}
