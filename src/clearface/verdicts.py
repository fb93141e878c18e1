"""What was decided about a face."""

from enum import StrEnum


class Verdict(StrEnum):
    """Whether a face can be restored."""

    RESTORED = "restored"
    SHARP = "sharp"
    """There is no blur to undo."""

    TOO_FAR_GONE = "too-far-gone"
    """Too little is left of it to tell how it looked."""

    LEFT_ON_REQUEST = "left-on-request"
    """Somebody wants it as it was."""
