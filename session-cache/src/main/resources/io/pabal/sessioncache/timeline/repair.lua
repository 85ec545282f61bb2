-- Shared by the scripts that repair timelines. KEYS[1]: partition, ARGV[1]: topic id
local published = redis.call('HMGET', KEYS[1], 'topic', 'max', 'ttl', 'watermark', 'floor')
if published[1] and published[1] ~= ARGV[1] then
  return redis.error_reply('OTHERTOPIC ' .. published[1])
end
local max, ttl = tonumber(published[2] or '-1'), tonumber(published[3] or '-1')
local watermark = tonumber(published[4] or '-1')
local floor = tonumber(published[5] or '-1')

-- The offset of the first entry, and the mark behind it in the id: 2 the first entry that the timeline ever had,
-- 3 messages before it may be missing, 1 the timeline was trimmed. nil when the timeline has no entry.
local function front(timeline)
  local first = redis.call('XRANGE', timeline, '-', '+', 'COUNT', 1)[1]
  if not first then
    return nil, nil
  end
  local offset, mark = string.match(first[1], '^(%d+)-(%d+)$')
  return tonumber(offset), mark
end

local function printed(offset)
  return string.format('%.0f', offset)
end
