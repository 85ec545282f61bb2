-- Finds the messages that the timelines should have and do not have.
-- KEYS[2...]: timelines
-- ARGV[2...]: per timeline: the number of offsets, then the offsets, ascending
-- Reply: pairs of the timeline's index (from 1) and an offset
local lacking = {}
local at = 2
for k = 2, #KEYS do
  local count = tonumber(ARGV[at])
  local first, mark = front(KEYS[k])
  for i = at + 1, at + count do
    local offset = tonumber(ARGV[i])
    local trimmed = mark == '1' and offset < first
    if offset > floor and offset <= watermark and not trimmed
        and #redis.call('XRANGE', KEYS[k], ARGV[i], ARGV[i], 'COUNT', 1) == 0 then
      lacking[#lacking + 1] = k - 1
      lacking[#lacking + 1] = ARGV[i]
    end
  end
  at = at + count + 1
end
return lacking
