-- KEYS: timeline, partition
-- ARGV: after offset, through offset, entries at most
-- Reply: {watermark} when the watermark is lower than the through offset; else {watermark, the offset up to which
--   messages may be missing or -1, then pairs of entry id and value}. The reply is flat, because Redis allocates 16 KiB for
--   each list within a script's reply: nested like the reply of XRANGE, a page costs more than six times as much.
local timeline = KEYS[1]
local published = redis.call('HMGET', KEYS[2], 'watermark', 'floor')
local watermark = published[1] or '-1'
local after, through = tonumber(ARGV[1]), tonumber(ARGV[2])
if tonumber(watermark) < through then
  return {watermark}
end

local function offsetId(offset)
  return string.format('%.0f', offset)
end

local floor = tonumber(published[2] or '-1')
local from = math.max(after, floor)
if from >= through then
  return {watermark, offsetId(through)}
end

local function page(missing)
  local reply = {watermark, offsetId(missing)}
  for _, entry in ipairs(redis.call('XRANGE', timeline, offsetId(from + 1), offsetId(through), 'COUNT', ARGV[3])) do
    reply[#reply + 1] = entry[1]
    reply[#reply + 1] = entry[2][2]
  end
  return reply
end

local missing = floor > after and floor or -1
-- Trimming removes the oldest entries first: while an entry at or below `from` is present, all later entries are present.
if from >= 0 and #redis.call('XREVRANGE', timeline, offsetId(from), '-', 'COUNT', 1) > 0 then
  return page(missing)
end
-- A timeline without entries has no gap of its own: if it was trimmed, it was trimmed by age, and the floor covers that.
local first = redis.call('XRANGE', timeline, '-', '+', 'COUNT', 1)[1]
if first and string.sub(first[1], -2) ~= '-2' then
  local before = tonumber(string.match(first[1], '^%d+')) - 1
  if before > from then
    missing = math.min(before, through)
  end
end
return page(missing)
