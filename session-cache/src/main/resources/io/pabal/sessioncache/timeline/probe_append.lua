-- Appends as append.lua does, to a timeline whose feed no message can have. The timeline expires at once.
-- KEYS: watermarks, floors, the timeline. Reply: empty
redis.call('HGET', KEYS[1], 'topic')
redis.call('HGET', KEYS[2], '0')
redis.call('XADD', KEYS[3], '*', 'v', '')
redis.call('XTRIM', KEYS[3], 'MAXLEN', 1)
redis.call('PEXPIRE', KEYS[3], 1)
return {}
