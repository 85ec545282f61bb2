-- ARGV[1]: the epoch that the caller has read
-- Reply: 1 the session is not stored any more; 0 the session was claimed again since
local current = redis.call('HGET', session, 'epoch')
if current and current ~= ARGV[1] then
  return {0}
end
redis.call('DEL', session)
return {1}
