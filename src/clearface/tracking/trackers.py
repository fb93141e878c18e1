"""What tells which of the faces of one frame was which in the frames before, and which there are to choose from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from clearface.faces import Box
from clearface.registry import RegistryEntry, build_by_name
from clearface.tracking.base import FoundFaces


class Tracker(Protocol):
    """Gives faces that are the same the same key, frame by frame."""

    def assign(self, found: FoundFaces) -> tuple[int, ...]:
        """The key of each face of the next frame, in the order of its faces, of a doubtful one too.

        Keys are never used again for another face. A new scene begins anew: none of its faces gets a key from before.
        """
        ...

    def expected(self, seconds: float) -> tuple[Box, ...]:
        """Where faces will be at a time after the last frame, those surest to be there first."""
        ...


@dataclass(frozen=True)
class TrackerOptions:
    """What every tracker is told."""

    lost_seconds: float | None = None
    """How long a face may be gone and still be known when it comes back."""


TrackerEntry = RegistryEntry[TrackerOptions, Tracker]
"""One tracker as it is listed."""


def build_tracker(name: str, options: TrackerOptions | None = None) -> Tracker:
    """The tracker of that name.

    Raises UsageError for an unknown name, DependencyError where a package is missing.
    """
    return build_by_name("tracker", TRACKERS, name, options or TrackerOptions())


def _build_two_step(options: TrackerOptions) -> Tracker:
    from clearface.tracking.two_step import TwoStepTracker

    return TwoStepTracker() if options.lost_seconds is None else TwoStepTracker(options.lost_seconds)


def _from_library(name: str) -> Callable[[TrackerOptions], Tracker]:
    def build(options: TrackerOptions) -> Tracker:
        from clearface.tracking.library_tracker import LibraryTracker

        return LibraryTracker(name) if options.lost_seconds is None else LibraryTracker(name, options.lost_seconds)

    return build


TRACKERS: tuple[TrackerEntry, ...] = (
    TrackerEntry(
        "two-step",
        "sure faces first, doubtful ones second, as in ByteTrack, by seconds (the default)",
        ("lost_seconds",),
        _build_two_step,
    ),
    TrackerEntry(
        "bytetrack",
        'ByteTrack of the trackers library; needs pip install "clearface[trackers]"',
        ("lost_seconds",),
        _from_library("bytetrack"),
    ),
    TrackerEntry(
        "ocsort",
        'OC-SORT of the trackers library; needs pip install "clearface[trackers]"',
        ("lost_seconds",),
        _from_library("ocsort"),
    ),
)
"""In the order they are listed; the first is the default."""
