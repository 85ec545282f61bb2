-- ARGV[FIRST]: the number of feeds to remove, then their names, then pairs of a feed's name and its value
local removed = tonumber(ARGV[FIRST])
for i = FIRST + 1, FIRST + removed do
  redis.call('HDEL', session, 'f:' .. ARGV[i])
end
if expiry ~= '0' then
  for i = FIRST + removed + 1, #ARGV, 2 do
    local field = 'f:' .. ARGV[i]
    local cursor, rest = cursorAndRest(ARGV[i + 1])
    local stored = cursorAndRest(redis.call('HGET', session, field) or '')
    if stored and tonumber(stored) > tonumber(cursor) then
      cursor = stored
    end
    redis.call('HSET', session, field, cursor .. rest)
  end
end
return {1}
