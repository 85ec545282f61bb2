if expiry == '0' then
  redis.call('DEL', session)
else
  redis.call('HSET', session, 'owner', '')
  keepFor(expiry, 0)
end
return {1}
