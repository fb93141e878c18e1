"""One file a revision. What was released is never changed: later ones go on from it."""
