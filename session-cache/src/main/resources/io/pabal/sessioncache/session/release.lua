-- ARGV[FIRST]: expiry seconds; ARGV[FIRST + 1]: in flight; ARGV[FIRST + 2...]: pairs of a feed's name and its cursor
if ARGV[FIRST] == '0' then
  drop(ARGV[1], current[5])
else
  setInFlight(ARGV[FIRST + 1])
  advanceCursors(FIRST + 2)
  redis.call('HSET', session, 'owner', '', 'expiry', ARGV[FIRST])
  keepFor(ARGV[FIRST], 0)
end
return {1}
