"""Jobs: photos that were handed in together, where they stand, and what comes of them."""
