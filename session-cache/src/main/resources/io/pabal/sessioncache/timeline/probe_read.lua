-- Runs each command of read.lua once. KEYS: a timeline that does not exist, watermarks, floors. Reply: empty
redis.call('HGET', KEYS[2], '0')
redis.call('HGET', KEYS[3], '0')
redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return {}
