"""Folders of photos, with masks or without, to a set of aligned sharp faces that training loads at once."""
