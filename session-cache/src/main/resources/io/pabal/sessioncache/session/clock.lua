-- Reply: Redis's clock in microseconds, from which epochs are made
return {printed(clock())}
