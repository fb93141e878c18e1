"""Ways to hide a face, behind one protocol."""
