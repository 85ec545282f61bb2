-- Lowers the floor, if it has not moved since the caller read it. The caller guarantees that all messages between the two
-- floors are in the timelines.
-- ARGV[2]: the floor that the caller has read, ARGV[3]: the new floor
-- Reply: the floor after the call
if floor == tonumber(ARGV[2]) and tonumber(ARGV[3]) < floor then
  redis.call('HSET', KEYS[1], 'floor', ARGV[3])
  return {ARGV[3]}
end
return {printed(floor)}
