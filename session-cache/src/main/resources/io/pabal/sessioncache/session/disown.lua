-- Ends the claim of this name, whose caller got no reply, if this claim is the current one.
-- ARGV[1]: name of the claim
-- Reply: 1 ended; 0 the claim is not the current one, or has not run
local stored = redis.call('HMGET', session, 'claim', 'owner', 'expiry', 'epoch', 'took')
if stored[1] ~= ARGV[1] or stored[2] == '' then
  return {0}
end
local expiry = stored[3] or '0'
if expiry == '0' then
  drop(stored[4], stored[5])
else
  redis.call('HSET', session, 'fence', '', 'owner', '')
  keepFor(expiry, 0)
end
return {1}
