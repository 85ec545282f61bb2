-- Puts messages into a timeline that lacks them. Only the oldest messages beyond the maximum leave the timeline.
-- KEYS[2]: timeline
-- ARGV[2]: the mark of the first entry, if the first entry is one of the new ones: 2 no message is missing before it,
--   except at or below the floor, 3 messages may be missing before it; ARGV[3]: 1 to write, 0 only to count;
--   ARGV[4...]: pairs of offset and value, ascending
-- Reply: the number of messages that were added, or would be added
local timeline = KEYS[2]
if max < 0 then
  return redis.error_reply('NOWRITER')
end
local first, mark = front(timeline)
-- The messages before the first entry of a trimmed timeline are gone. An older message put before this entry would hide
-- that gap.
local from = (mark == '1' or (mark == '3' and ARGV[2] == '2')) and first or -1
local old = first and redis.call('XRANGE', timeline, '-', '+') or {}

local offsets, values, added = {}, {}, 0
local function take(offset, value)
  offsets[#offsets + 1] = offset
  values[#values + 1] = value
end
local at, i = 4, 1
while at <= #ARGV or i <= #old do
  local oldOffset = i <= #old and string.match(old[i][1], '^%d+')
  local new = at <= #ARGV and tonumber(ARGV[at])
  if new and (new < from or new > watermark) then
    at = at + 2
  elseif not oldOffset or (new and new < tonumber(oldOffset)) then
    take(ARGV[at], ARGV[at + 1])
    added = added + 1
    at = at + 2
  else
    take(oldOffset, old[i][2][2])
    if new == tonumber(oldOffset) then
      at = at + 2
    end
    i = i + 1
  end
end
if added == 0 or ARGV[3] == '0' then
  return {added}
end

local begin = math.max(1, #offsets - max + 1)
if begin > 1 then
  mark = '1'
elseif not first or tonumber(offsets[1]) < first then
  mark = ARGV[2]
end
local left = redis.call('PTTL', timeline)
-- Ids of a stream only rise, so an older message gets in front only when the whole timeline is written again.
redis.call('DEL', timeline)
for n = begin, #offsets do
  redis.call('XADD', timeline, offsets[n] .. '-' .. (n == begin and mark or '1'), 'v', values[n])
end
redis.call('PEXPIRE', timeline, printed(math.max(left, ttl)))
return {added}
