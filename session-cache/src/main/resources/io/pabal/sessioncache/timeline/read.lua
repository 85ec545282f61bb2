-- KEYS: timeline, watermarks, floors
-- ARGV: partition, after offset, through offset, entries at most
-- Reply: {watermark} when the writer has not come that far; else {watermark, gap possible (1 or 0), entries}
local timeline = KEYS[1]
local watermark = redis.call('HGET', KEYS[2], ARGV[1]) or '-1'
local after, through = tonumber(ARGV[2]), tonumber(ARGV[3])
if tonumber(watermark) < through then
  return {watermark}
end

local function offsetId(offset)
  return string.format('%.0f', offset)
end

local floor = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '-1')
local from = math.max(after, floor)
if from >= through then
  return {watermark, 1, {}}
end
local entries = redis.call('XRANGE', timeline, offsetId(from + 1), offsetId(through), 'COUNT', ARGV[4])
if floor > after then
  return {watermark, 1, entries}
end
-- Trimming takes the oldest: while an entry at or below `after` is there, everything later is.
if after >= 0 and #redis.call('XREVRANGE', timeline, offsetId(after), '-', 'COUNT', 1) > 0 then
  return {watermark, 0, entries}
end
local first = redis.call('XRANGE', timeline, '-', '+', 'COUNT', 1)[1]
local trimmed = redis.call('EXISTS', timeline) == 1 and not (first and string.sub(first[1], -2) == '-2')
return {watermark, trimmed and 1 or 0, entries}
