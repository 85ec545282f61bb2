-- ARGV: connector id, incarnation, clean start (1 or 0), expiry seconds, name of the claim, whether to claim a session that
--   another connector owns (1 or 0)
-- Reply: generation, epoch, session present (1; 2: present, but a clean start; 0: none; 3: none, and the new one has begun; 4: another
--   connector owns the session: nothing was changed, and the reply has the epoch of its claim), previous owner, its incarnation, in flight, then pairs of a feed's name and its value
local old = redis.call('HMGET', session, 'epoch', 'owner', 'incarnation', 'expiry', 'inflight', 'took')
if ARGV[6] == '0' and old[1] and old[2] ~= '' and old[2] ~= ARGV[1] then
  return {'0', old[1], 4, old[2], old[3], ''}
end
local now = clock()
local began = begunAt(now)
local epoch = now
if old[1] and tonumber(old[1]) >= epoch then
  epoch = old[1] + 1
end
epoch = printed(epoch)

local kept = old[1] and old[4] and old[4] ~= '0'
local present = kept and ARGV[3] == '0'
-- Begins with its claim: it drops nothing, and no later claim finds it, so it does no harm if the client is gone.
local begun = not kept and ARGV[4] == '0'
local reply = {began, epoch, present and 1 or kept and 2 or begun and 3 or 0, old[2] or '', old[3] or '', present and old[5] or ''}
if present then
  local fields = redis.call('HGETALL', session)
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 2) == 'f:' then
      reply[#reply + 1] = string.sub(fields[i], 3)
      reply[#reply + 1] = fields[i + 1]
    end
  end
end
if present or begun then
  if old[1] and ARGV[4] == '0' then
    redis.call('DEL', session)
  end
  redis.call('HSET', session, 'fence', epoch .. ' 0', 'epoch', epoch, 'owner', ARGV[1], 'incarnation', ARGV[2], 'expiry', ARGV[4], 'claim', ARGV[5])
  keepFor(ARGV[4], CLAIMED_GRACE_SECONDS)
else
  -- A stored session stays until begin.lua runs: the client may be gone, and would never learn that its session was
  -- dropped. A hash without the field expiry is the claim of a session that never began.
  redis.call('HSET', session, 'fence', epoch .. ' 0', 'epoch', epoch, 'owner', ARGV[1], 'incarnation', ARGV[2], 'claim', ARGV[5])
  keepFor(old[4] or '0', CLAIMED_GRACE_SECONDS)
end
if old[2] and old[2] ~= '' or old[6] then
  redis.call('HSET', session, 'took', '1')
end
return reply
