"""The bytes a photo is read from, and the limit that keeps a small file from filling the memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from PIL import Image

from clearface.errors import PhotoError

_PILLOW_BOUND = Lock()


@dataclass(frozen=True)
class PhotoLimits:
    """What is refused before it is decoded."""

    max_pixels: int = 250_000_000
    """Width times height times frames, at most."""

    max_frames: int | None = None
    """None for any number."""

    remedy: str | None = "--max-pixels raises it"
    """What who meets a limit can do about it; None for nothing."""


@dataclass(frozen=True)
class Source:
    """An encoded photo."""

    data: bytes

    name: str
    """What to call it in a sentence: the path, or "standard input"."""

    limits: PhotoLimits

    def refusal(self, reason: str) -> PhotoError:
        """The error that says why this one cannot be read."""
        return PhotoError(f"{self.name}: {reason}")

    def check_size(self, width: int, height: int, frames: int = 1) -> None:
        """Raises PhotoError for a photo without pixels and for one of more pixels than the limits allow."""
        if width < 1 or height < 1 or frames < 1:
            raise self.refusal("the photo has no pixels")
        self.check_frames(frames)
        limits = self.limits
        if width * height * frames > limits.max_pixels:
            times = f" in {frames} frames" if frames > 1 else ""
            remedy = "" if limits.remedy is None else f"; {limits.remedy}"
            raise self.refusal(
                f"{width} x {height} pixels{times} are more than the limit of {limits.max_pixels:,}{remedy}"
            )

    def check_frames(self, frames: int) -> None:
        """Raises PhotoError for more frames or pages than the limits allow."""
        limit = self.limits.max_frames
        if limit is not None and frames > limit:
            raise self.refusal(f"{frames:,} frames are more than the limit of {limit:,}")

    @contextmanager
    def pillow_bound_lifted(self, width: int, height: int) -> Iterator[None]:
        """Room for a photo beyond Pillow's own bound, which some of its readers enforce inside.

        Only what `check_size` has let through may be read in it. The bound is a global of Pillow's, so it is touched
        for such photos alone, by one thread at a time, and put back.
        """
        bound = Image.MAX_IMAGE_PIXELS
        if bound is None or width * height <= bound:
            yield
            return
        with _PILLOW_BOUND:
            bound, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            try:
                yield
            finally:
                Image.MAX_IMAGE_PIXELS = bound
