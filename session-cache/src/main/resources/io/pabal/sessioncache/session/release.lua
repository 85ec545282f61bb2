-- ARGV[2]: expiry seconds; ARGV[3]: in flight; ARGV[4...]: pairs of a feed's name and its cursor
if ARGV[2] == '0' then
  redis.call('DEL', session)
else
  setInFlight(ARGV[3])
  advanceCursors(4)
  redis.call('HSET', session, 'owner', '', 'expiry', ARGV[2])
  keepFor(ARGV[2], 0)
end
return {1}
