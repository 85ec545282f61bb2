-- Reply: the clock that epochs are made of, in microseconds
return {printed(clock())}
