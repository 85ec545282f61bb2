-- ARGV[1]: the epoch that the caller has read
-- Reply: 1 the session is not stored any more; 0 the session was claimed again since
local current = redis.call('HGET', session, 'epoch')
if current and current ~= ARGV[1] then
  return {0}
end
drop(ARGV[1], '1') -- the owner, if there is one, is to learn that the session was deleted
return {1}
