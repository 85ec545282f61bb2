-- ARGV[2...]: pairs of address and subscription
if expiry ~= '0' then
  for i = 2, #ARGV, 2 do
    redis.call('HSET', session, 's:' .. ARGV[i], ARGV[i + 1])
  end
end
return {1}
