-- Lowers the floor, if it has not moved since the caller read it. The caller guarantees that all messages between the two
-- floors are in the timelines.
-- ARGV[3]: the floor that the caller has read, ARGV[4]: the new floor
-- Reply: the floor after the call
if floor == tonumber(ARGV[3]) and tonumber(ARGV[4]) < floor then
  redis.call('HSET', floors, ARGV[2], ARGV[4])
  return {ARGV[4]}
end
return {printed(floor)}
