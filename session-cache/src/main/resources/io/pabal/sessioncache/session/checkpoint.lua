-- ARGV[2...]: pairs of address and cursor
advanceCursors(2)
keepFor(expiry, CLAIMED_GRACE_SECONDS)
return {1}
