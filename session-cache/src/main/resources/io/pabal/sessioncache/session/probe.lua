-- Runs each command of the other scripts once, and leaves nothing behind. A command that Redis refuses in a claim or a
-- checkpoint is refused here too. Reply: empty
redis.call('SET', generation, printed(clock()), 'NX')
redis.call('HSET', session, 'epoch', '0', 'owner', '')
redis.call('PERSIST', session)
redis.call('EXPIRE', session, 60)
redis.call('HMGET', session, 'epoch', 'owner')
redis.call('HGET', session, 'epoch')
redis.call('HGETALL', session)
redis.call('HDEL', session, 'owner')
redis.call('DEL', session)
redis.call('GET', generation)
redis.call('DEL', generation)
return {}
