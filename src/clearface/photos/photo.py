"""A photo as clearface holds it: upright RGB frames and everything else the file said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import ByteImage, Pixels

AlphaPlane = NDArray[np.uint8] | NDArray[np.uint16]
"""`(H, W)`, 0 for clear up to the largest value of the type for opaque; not premultiplied."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a photo: the only one, a page, or a moment of an animation."""

    pixels: Pixels
    """RGB `(H, W, 3)`, upright; three equal channels where the photo is grey."""

    alpha: AlphaPlane | None = None
    """`(H, W)` of the same type as the pixels; None where the file has no transparency."""

    duration: float | None = None
    """How long an animation shows it, in milliseconds; None for stills and pages."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo."""

    frames: tuple[Frame, ...]
    """At least one."""

    kind: str
    """What the file was, a key of `kinds.KINDS`."""

    grey: bool = False
    """The file held grey, not colour, and is written so again."""

    icc_profile: bytes | None = None
    """The ICC profile the pixels are meant in; None stands for sRGB."""

    exif: bytes | None = None
    """EXIF from its TIFF header on, with orientation 1 and without embedded pictures."""

    xmp: bytes | None = None
    """The XMP packet, with orientation 1 and without embedded pictures."""

    dpi: tuple[float, float] | None = None
    """Pixels an inch, across and down."""

    loop: int | None = None
    """How often an animation plays, 0 for without end; None for stills and pages."""

    notes: tuple[str, ...] = ()
    """What reading had to change or leave out, a sentence each without full stop."""

    iptc: bytes | None = None
    """IPTC records (captions, credits) as JPEG and TIFF carry them."""

    comment: bytes | None = None
    """The comment of a JPEG or GIF."""

    png_chunks: tuple[tuple[bytes, bytes], ...] = ()
    """Type and body of the PNG chunks without a field of their own: colour (gAMA, cHRM, sRGB, cICP ...) and text."""

    lossless: bool = True
    """The file kept its pixels exactly."""

    progressive: bool = False
    """A JPEG that arrives in several passes."""

    @property
    def animated(self) -> bool:
        """Several frames with a timing."""
        return len(self.frames) > 1 and any(frame.duration is not None for frame in self.frames)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the first frame, in pixels."""
        height, width = self.frames[0].pixels.shape[:2]
        return width, height

    @property
    def has_alpha(self) -> bool:
        return any(frame.alpha is not None for frame in self.frames)

    @property
    def bit_depth(self) -> int:
        """16 where any frame has 16 bits a channel, otherwise 8."""
        return 16 if any(frame.pixels.dtype == np.uint16 for frame in self.frames) else 8

    def with_pixels(self, pixels: Sequence[Pixels]) -> "Photo":
        """The same photo with other pixels, one array a frame and of the frame's own shape and type.

        Raises ValueError where they do not fit.
        """
        if len(pixels) != len(self.frames):
            raise ValueError(f"{len(pixels)} pictures for a photo of {len(self.frames)} frames")
        for frame, other in zip(self.frames, pixels, strict=True):
            if frame.pixels.shape != other.shape or frame.pixels.dtype != other.dtype:
                raise ValueError(
                    f"a frame of {frame.pixels.shape} {frame.pixels.dtype} cannot become one of {other.shape} {other.dtype}"
                )
        frames = tuple(replace(frame, pixels=other) for frame, other in zip(self.frames, pixels, strict=True))
        return replace(self, frames=frames)


def byte_view(pixels: Pixels) -> ByteImage:
    """The 8-bit picture for detectors: 16 bits are rounded to the nearest of 256 levels, 8 bits come back as they are."""
    return to_bytes(pixels)


def to_bytes(plane: Pixels | AlphaPlane) -> NDArray[np.uint8]:
    """Any uint8 or uint16 array as uint8, rounded to the nearest level."""
    if plane.dtype == np.uint8:
        return plane  # type: ignore[return-value]
    # 65535 / 255 is exactly 257, so rounding is an integer division; a table keeps the temporary memory at nothing.
    table = ((np.arange(65536) + 128) // 257).astype(np.uint8)
    return table[plane]
