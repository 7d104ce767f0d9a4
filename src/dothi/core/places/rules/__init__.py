"""What follows from names, times and shapes of units; no I/O."""
