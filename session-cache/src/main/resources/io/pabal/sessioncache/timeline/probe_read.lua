-- Runs each command of read.lua once. KEYS: a timeline that does not exist, a partition. Reply: empty
redis.call('HMGET', KEYS[2], 'watermark', 'floor')
redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return {}
