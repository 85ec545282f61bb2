keepFor(expiry, CLAIMED_GRACE_SECONDS)
return {1}
