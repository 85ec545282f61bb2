-- Appends the messages of some partitions to the timelines, then moves the partitions' watermarks and floors. If an append
-- fails, the entries before it stay, and no watermark and no floor moves.
-- KEYS: the partitions, then the timelines, partition by partition
-- ARGV: topic id, messages per timeline, TTL of a timeline and of a partition in ms, number of partitions;
--   per partition: base, top, age floor, number of timelines. The call has every message in (base, top]. Messages at or
--     below the age floor may leave the timelines;
--   per timeline: number of messages, then pairs of offset and value
-- Reply: per partition whose floor rose because messages are missing: its index (from 1), old watermark, new floor
local function greater(a, b)
  if tonumber(a) > tonumber(b) then
    return a
  end
  return b
end

local partitions = {}
local at = 6
for i = 1, tonumber(ARGV[5]) do
  local published = redis.call('HMGET', KEYS[i], 'topic', 'watermark', 'floor')
  if published[1] and published[1] ~= ARGV[1] then
    return redis.error_reply('OTHERTOPIC ' .. published[1])
  end
  partitions[i] = {
    base = ARGV[at],
    top = ARGV[at + 1],
    aged = ARGV[at + 2],
    timelines = tonumber(ARGV[at + 3]),
    watermark = published[2] or '-1',
    floor = published[3] or '-1'
  }
  at = at + 4
end

-- The id of the first entry that a timeline ever had is <offset>-2, the id of every other entry <offset>-1. A timeline
-- whose first id does not end with -2 has been trimmed (or refill.lua marked it with -3).
local function append(timeline, offset, value)
  local added = redis.pcall('XADD', timeline, 'NOMKSTREAM', 'MAXLEN', '~', ARGV[2], offset .. '-1', 'v', value)
  if not added then
    added = redis.pcall('XADD', timeline, offset .. '-2', 'v', value)
  end
  return type(added) == 'table' and added.err
end

-- Trimming by age costs as much as appending, so only every eighth message does it.
local AGE_TRIM_EVERY = 8

local k = #partitions
for _, partition in ipairs(partitions) do
  for _ = 1, partition.timelines do
    k = k + 1
    local trim = false
    local count = tonumber(ARGV[at])
    at = at + 1
    for _ = 1, count do
      local offset = ARGV[at]
      local failure = append(KEYS[k], offset, ARGV[at + 1])
      if failure then
        if not string.find(failure, 'equal or smaller', 1, true) then
          return redis.error_reply(failure)
        end
        -- At or below the watermark the entry is present already, or lies at or below the floor, where no message is
        -- promised. Beyond the watermark no refusal is expected. Whether the entry is present is then unknown, so the
        -- floor rises to it.
        if tonumber(offset) > tonumber(partition.watermark) then
          partition.base = greater(partition.base, offset)
        end
      end
      trim = trim or tonumber(offset) % AGE_TRIM_EVERY == 0
      at = at + 2
    end
    if trim and partition.aged ~= '-1' then
      redis.call('XTRIM', KEYS[k], 'MINID', '~', string.format('%.0f', partition.aged + 1))
    end
    redis.call('PEXPIRE', KEYS[k], ARGV[3])
  end
end

local missing = {}
for i, partition in ipairs(partitions) do
  local floor = greater(partition.floor, partition.aged)
  if tonumber(partition.base) > tonumber(partition.watermark) then
    floor = greater(floor, partition.base)
    missing[#missing + 1] = i
    missing[#missing + 1] = partition.watermark
    missing[#missing + 1] = floor
  end
  -- refill.lua, which puts older messages back, obeys these bounds.
  redis.call('HSET', KEYS[i], 'watermark', greater(partition.watermark, partition.top), 'floor', floor, 'topic', ARGV[1],
    'max', ARGV[2], 'ttl', ARGV[3])
  redis.call('PEXPIRE', KEYS[i], ARGV[4])
end
return missing
