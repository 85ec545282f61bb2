-- ARGV[1]: the epoch of the writer's claim
local current = redis.call('HMGET', session, 'epoch', 'owner', 'expiry')
if current[1] ~= ARGV[1] or current[2] == '' then
  return {0}
end
local expiry = current[3]

-- ARGV[first...]: pairs of address and cursor
local function advanceCursors(first)
  for i = first, #ARGV, 2 do
    local field = 's:' .. ARGV[i]
    local stored = redis.call('HGET', session, field)
    if stored then
      local options, cursor = string.match(stored, '(%d+) (%-?%d+)')
      if tonumber(ARGV[i + 1]) > tonumber(cursor) then
        redis.call('HSET', session, field, options .. ' ' .. ARGV[i + 1])
      end
    end
  end
end
