-- Puts messages into a timeline where they are missing; nothing leaves but the oldest beyond the maximum.
-- KEYS[3]: timeline
-- ARGV[3]: mark of the first entry, if it is one of these: 2 nothing is missing before it but what the floor tells,
--   3 what lies before it is not known; ARGV[4]: 1 to write, 0 only to look; ARGV[5...]: pairs of offset and value, ascending
-- Reply: how many were added, or would be
local timeline = KEYS[3]
if max < 0 then
  return redis.error_reply('NOWRITER')
end
local first, mark = front(timeline)
-- What a trimmed timeline had before its first entry is known to be gone: something older put before it would hide that.
local from = (mark == '1' or (mark == '3' and ARGV[3] == '2')) and first or -1
local old = first and redis.call('XRANGE', timeline, '-', '+') or {}

local offsets, values, added = {}, {}, 0
local function take(offset, value)
  offsets[#offsets + 1] = offset
  values[#values + 1] = value
end
local at, i = 5, 1
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
if added == 0 or ARGV[4] == '0' then
  return {added}
end

local begin = math.max(1, #offsets - max + 1)
if begin > 1 then
  mark = '1'
elseif not first or tonumber(offsets[1]) < first then
  mark = ARGV[3]
end
local left = redis.call('PTTL', timeline)
-- Ids only rise: what is older can be put before the rest only by writing all of it again.
redis.call('DEL', timeline)
for n = begin, #offsets do
  redis.call('XADD', timeline, offsets[n] .. '-' .. (n == begin and mark or '1'), 'v', values[n])
end
redis.call('PEXPIRE', timeline, printed(math.max(left, ttl)))
return {added}
