"""Mask files to classes."""

from pathlib import Path

import numpy as np
from PIL import Image

from clearface.errors import PhotoError
from clearface.files.explanations import shown
from clearface.masks import CELEBAMASK_PARTS, MASK_SCHEMES, UNKNOWN, ByteMask, FaceClass
from clearface.train.prepare.sources import MaskSource, WholeMask

_PART_IS_ABOVE = 127


def read_mask(source: MaskSource, scheme: str) -> ByteMask:
    """The classes of every pixel, `(H, W)` uint8, in the mask's own resolution.

    Raises PhotoError for a file that is no picture, a colour picture without a palette, a value the scheme does not have
    (255 stands for unknown in all of them), or parts of different sizes.
    """
    if isinstance(source, WholeMask):
        return _classes(source.path, scheme)
    merged: ByteMask | None = None
    for part, path in source.parts:
        plane = _values(path, {"1", "L", "P", "RGB"})
        if merged is None:
            merged = np.full(plane.shape, FaceClass.BACKGROUND, np.uint8)
        if plane.shape != merged.shape:
            raise PhotoError(f"{shown(path)}: this part is of another size than the parts before it")
        merged[plane > _PART_IS_ABOVE] = CELEBAMASK_PARTS[part]
    assert merged is not None
    return merged


def _classes(path: Path, scheme: str) -> ByteMask:
    values = _values(path, {"L", "P"})
    classes = np.asarray(MASK_SCHEMES[scheme][values], np.uint8)
    strange = np.unique(values[(classes == UNKNOWN) & (values != UNKNOWN)])
    if len(strange):
        raise PhotoError(f"{shown(path)}: holds the value {strange[0]}, which is no class of {scheme}")
    return classes


def _values(path: Path, modes: set[str]) -> ByteMask:
    try:
        with Image.open(path) as image:
            if image.mode not in modes:
                raise PhotoError(
                    f"{shown(path)}: a mask is a picture of palette indices or grey, and this one is {image.mode}"
                )
            plane = image.convert("L") if image.mode in ("1", "RGB") else image
            return np.asarray(plane, np.uint8)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # what Pillow raises on damage
        raise PhotoError(f"{shown(path)}: cannot be read as a mask") from error
