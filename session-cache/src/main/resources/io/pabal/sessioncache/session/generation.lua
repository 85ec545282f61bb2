-- Reply: the generation; it begins now if there is none
redis.call('SET', KEYS[1], printed(clock()), 'NX')
return {redis.call('GET', KEYS[1])}
