-- ARGV[FIRST]: in flight; ARGV[FIRST + 1...]: pairs of a feed's name and its cursor
setInFlight(ARGV[FIRST])
advanceCursors(FIRST + 1)
keepFor(expiry, CLAIMED_GRACE_SECONDS)
return {1}
