"""How faces are to be looked for, as it was asked for; nothing is loaded before it is used."""

from dataclasses import dataclass, field, replace

from clearface.detectors.base import Detector
from clearface.detectors.registry import DETECTORS, DetectorOptions, build_detector
from clearface.detectors.selection import FaceSelection

_CENTERFACE = DETECTORS[0].name
_SPECK = 0.35
"""What CenterFace never gives specks of some ten pixels on clothes and walls for long, and faces of that size soon."""


@dataclass(frozen=True)
class FaceSearch:
    """Which detector, with which options, and which of what it finds."""

    detector: str = "centerface"
    options: DetectorOptions = field(default_factory=DetectorOptions)
    selection: FaceSelection = field(default_factory=FaceSelection)
    rotations: bool = False
    """Look at every picture in four quarter turns."""

    def build(self) -> Detector:
        """The detector for photos. Raises as `build_detector` does."""
        detector = build_detector(self.detector, self.options)
        if not self.rotations:
            return detector
        from clearface.detectors.rotations import RotatingDetector

        return RotatingDetector(detector)

    @property
    def least_small_score(self) -> float:
        """What has to be reached once by a face of a few pixels in a video, at least what is told for all faces."""
        told = self.options.threshold or 0.0
        return max(told, _SPECK) if self.detector == _CENTERFACE else told

    def missing_less(self) -> "FaceSearch":
        """The same with the threshold at which faces are hidden, where none was chosen."""
        from clearface.detectors.thorough import HIDING_THRESHOLD

        if self.options.threshold is not None or self.detector != _CENTERFACE:
            return self
        return replace(self, options=replace(self.options, threshold=HIDING_THRESHOLD))
