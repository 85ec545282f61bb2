-- ARGV[2...]: addresses
for i = 2, #ARGV do
  redis.call('HDEL', session, 's:' .. ARGV[i])
end
return {1}
