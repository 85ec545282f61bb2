if expiry == '0' then
  drop(ARGV[1], current[5])
else
  redis.call('HSET', session, 'fence', '', 'owner', '')
  keepFor(expiry, 0)
end
return {1}
