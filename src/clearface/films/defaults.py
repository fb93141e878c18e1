"""What films are worked on with where nothing else is told; it loads nothing, so that help is quick."""

DETECTION_SIZE = 640
"""Pixels: the long side at which every frame is searched."""

LONGEST_FILL = 1.0
"""Seconds a face may be missed and is hidden all the same."""
