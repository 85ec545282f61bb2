-- ARGV[2]: in flight; ARGV[3...]: pairs of address and cursor
setInFlight(ARGV[2])
advanceCursors(3)
keepFor(expiry, CLAIMED_GRACE_SECONDS)
return {1}
