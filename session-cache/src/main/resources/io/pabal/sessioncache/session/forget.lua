-- ARGV[1]: the epoch of the claim that the caller knows of
-- Reply: 1 nothing is stored any more; 0 the session was claimed again since
local current = redis.call('HGET', session, 'epoch')
if current and current ~= ARGV[1] then
  return {0}
end
redis.call('DEL', session)
return {1}
