"""Messages that could not be used: kept for a while, with the reason, where someone can see them."""
