"""The leaf of the library: bounds, units, periods, and the vocabulary that a policy pack gives to a reader."""
