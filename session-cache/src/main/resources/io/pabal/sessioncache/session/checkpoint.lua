-- ARGV[2]: in flight; ARGV[3...]: pairs of a feed's name and its cursor
setInFlight(ARGV[2])
advanceCursors(3)
keepFor(expiry, CLAIMED_GRACE_SECONDS)
return {1}
