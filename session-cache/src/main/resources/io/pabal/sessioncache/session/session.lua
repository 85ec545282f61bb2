-- Shared by all session scripts. A session is one hash:
--   epoch, owner (connector id; empty when released), incarnation, expiry (seconds),
--   and per subscription s:<address> = "<options> <cursor>"
local EXPIRY_NEVER = '4294967295'
local CLAIMED_GRACE_SECONDS = 24 * 3600
local session = KEYS[1]

local function keepFor(expiry, graceSeconds)
  if expiry == EXPIRY_NEVER then
    redis.call('PERSIST', session)
  else
    redis.call('EXPIRE', session, expiry + graceSeconds)
  end
end
