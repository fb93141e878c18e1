"""Names drawn on pictures, below the faces they are said of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from clearface.arrays import ByteImage
from clearface.faces import Face

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

_COLOUR, _EDGE = (255, 196, 0), (0, 0, 0)
_SIZE_PER_FACE = 1 / 6
_SIZES = (12, 72)
"""Of letters, in pixels."""

_NO_LETTER = "\uffff"
"""Has no shape in any font, so that the font draws what it draws for letters it does not have."""

_INSTEAD = "?"
_CUT = "..."
_LONGEST = 80
"""Characters looked at: no picture has room for more."""


def draw_names(picture: ByteImage, names: Sequence[tuple[Face, str]]) -> ByteImage:
    """A copy of an RGB uint8 `(H, W, 3)` picture with a name below each face, or above the picture's rim where it ends there.

    Drawn in the font that comes with Pillow: a letter that it does not have is a question mark, and what finds no room is cut.
    """
    if not names:
        return picture
    from PIL import Image, ImageDraw

    drawn = Image.fromarray(picture)
    pen = ImageDraw.Draw(drawn)
    for face, name in names:
        size = int(np.clip(face.box.size * _SIZE_PER_FACE, *_SIZES))
        font = _font(size)
        text = _fitting(_drawable(name, font), font, picture.shape[1])
        left, top, right, bottom = pen.textbbox((0, 0), text, font=font, stroke_width=2)
        x = min(max(face.box.left, 0), max(picture.shape[1] - (right - left), 0))
        y = min(max(face.box.bottom, 0), max(picture.shape[0] - (bottom - top), 0))
        pen.text((x - left, y - top), text, fill=_COLOUR, font=font, stroke_width=2, stroke_fill=_EDGE)
    return np.asarray(drawn, np.uint8)


def _font(size: int) -> "FreeTypeFont | ImageFont":
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _drawable(text: str, font: "FreeTypeFont | ImageFont") -> str:
    """The text in one line, letters the font does not have replaced."""
    line = " ".join(text[:_LONGEST].split())
    missing = _shape(_NO_LETTER, font)
    return "".join(
        letter if letter == " " or _shape(letter, font) not in (None, missing) else _INSTEAD for letter in line
    )


def _shape(letter: str, font: "FreeTypeFont | ImageFont") -> bytes | None:
    """How a letter is drawn; None where it cannot be."""
    try:
        mask = font.getmask(letter)
    except (UnicodeEncodeError, ValueError, OSError):  # a font of few letters, half a letter
        return None
    return bytes(str(mask.size), "ascii") + bytes(mask)


def _fitting(text: str, font: "FreeTypeFont | ImageFont", width: int) -> str:
    """As much of the text as finds room, with dots where it was cut."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + _CUT) > width:
        text = text[:-1]
    return text + _CUT
