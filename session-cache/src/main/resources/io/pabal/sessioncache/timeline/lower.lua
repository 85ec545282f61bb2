-- Lowers the floor, when it is still where it was: everything between is in the timelines.
-- ARGV[3]: floor as it was, ARGV[4]: floor from now on
-- Reply: the floor
if floor == tonumber(ARGV[3]) and tonumber(ARGV[4]) < floor then
  redis.call('HSET', floors, ARGV[2], ARGV[4])
  return {ARGV[4]}
end
return {printed(floor)}
