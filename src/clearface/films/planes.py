"""The planes of a decoded frame as arrays, written in place."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clearface.arrays import AnyArray

if TYPE_CHECKING:
    from av import VideoFrame

_NEAREST_PLANAR = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv20le": "yuv422p10le",
    "nv24": "yuv444p",
    "nv42": "yuv444p",
    "p010le": "yuv420p10le",
    "p012le": "yuv420p12le",
    "p016le": "yuv420p16le",
    "p210le": "yuv422p10le",
    "p212le": "yuv422p12le",
    "p216le": "yuv422p16le",
    "p410le": "yuv444p10le",
    "p412le": "yuv444p12le",
    "p416le": "yuv444p16le",
    "yuyv422": "yuv422p",
    "yvyu422": "yuv422p",
    "uyvy422": "yuv422p",
    "uyyvyy411": "yuv411p",
    "y210le": "yuv422p10le",
    "y212le": "yuv422p12le",
    "vuya": "yuva444p",
    "vuyx": "yuv444p",
    "ayuv": "yuva444p",
    "xv30le": "yuv444p10le",
    "xv36le": "yuv444p12le",
    "ayuv64le": "yuva444p16le",
    "ya8": "gray",
    "ya16le": "gray16le",
}
"""Formats whose samples lie interleaved, and the planar ones that hold the same samples."""


@dataclass(frozen=True)
class PlaneFormat:
    """How the samples of a planar format lie."""

    bits: int
    across: int
    """By which power of two a chroma plane is narrower."""

    down: int
    grey: bool


def planar_name(name: str) -> str | None:
    """The planar YUV or grey format a frame of this one is worked on in: itself, or the nearest that loses nothing.

    None where it is RGB or a palette, which are worked on as RGB.
    """
    name = _NEAREST_PLANAR.get(name, name)
    if name.endswith("be"):
        name = name[:-2] + "le"
    return name if plane_format(name) is not None else None


def plane_format(name: str) -> PlaneFormat | None:
    """How the samples of a format lie; None where it is not one of planar YUV or grey in 8 to 16 bits."""
    from av import VideoFormat

    if not name.startswith(("yuv", "gray")) or name in _NEAREST_PLANAR or name.startswith("yuyv"):
        return None
    described = VideoFormat(name, 64, 64)
    components = described.components
    grey = name.startswith("gray")
    bits = components[0].bits
    if described.is_big_endian or not 8 <= bits <= 16 or "f" in name:
        return None
    if grey:
        return PlaneFormat(bits, 0, 0, True)
    if [component.plane for component in components[:3]] != [0, 1, 2] or "msb" in name:
        return None
    across, down = (64 // side for side in (components[1].width, components[1].height))
    return PlaneFormat(bits, across.bit_length() - 1, down.bit_length() - 1, False)


def plane_array(frame: "VideoFrame", index: int, *, deep: bool) -> AnyArray:
    """The samples of a plane `(H, W)`, as they lie in the frame: writing there writes the frame.

    Raises ValueError where rows run upwards, which no view can be made of.
    """
    plane = frame.planes[index]
    if plane.line_size < 0:
        raise ValueError("the rows of this frame run upwards")
    kind: type[np.unsignedinteger] = np.uint16 if deep else np.uint8
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows.view(kind)[:, : plane.width] if plane.line_size % 2 == 0 or not deep else _odd(rows, plane.width)


def _odd(rows: AnyArray, width: int) -> AnyArray:
    """Rows of an odd number of bytes hold no whole number of 16-bit samples."""
    return np.lib.stride_tricks.as_strided(rows[:, : width * 2].view(np.uint16), (rows.shape[0], width), rows.strides)
