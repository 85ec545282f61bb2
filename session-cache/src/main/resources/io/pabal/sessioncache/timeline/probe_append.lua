-- Appends as append.lua does, to a timeline whose address no message can have. The timeline expires at once.
-- KEYS: partition, the timeline. Reply: empty
redis.call('HMGET', KEYS[1], 'topic', 'watermark')
redis.call('XADD', KEYS[2], '*', 'v', '')
redis.call('XTRIM', KEYS[2], 'MAXLEN', 1)
redis.call('PEXPIRE', KEYS[2], 1)
return {}
