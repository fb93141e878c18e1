"""What brings photos to those who work on them."""
