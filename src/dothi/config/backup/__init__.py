"""One file that holds everything an installation can't get back otherwise, and the way back from it."""
