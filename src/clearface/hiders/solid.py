"""One colour."""

import difflib

import numpy as np

from clearface.arrays import FloatArray
from clearface.errors import UsageError
from clearface.faces import Face

DEFAULT_COLOUR = "black"


class Solid:
    """One colour over the whole face: nothing of it passes."""

    name = "solid"

    def __init__(self, colour: str = DEFAULT_COLOUR) -> None:
        """colour: `#rrggbb` or a name as CSS has them. Raises UsageError for others."""
        self._colour = read_colour(colour)

    def hide(self, crop: FloatArray, face: Face, mask: FloatArray, random: np.random.Generator) -> FloatArray:
        """See `clearface.hiders.base.Hider`."""
        hidden = np.empty_like(crop)
        hidden[:] = self._colour
        return hidden


def read_colour(text: str) -> FloatArray:
    """RGB float32 `(3,)` in [0, 1] of `#rrggbb`, `rgb(...)` or a name as CSS has them. Raises UsageError for others."""
    from PIL import ImageColor

    try:
        colour = ImageColor.getrgb(text.strip())
    except ValueError as error:
        if text.strip().isalpha():
            near = difflib.get_close_matches(text.lower(), ImageColor.colormap, n=1)
            hint = f'did you mean "{near[0]}"?' if near else "give #rrggbb or a name of CSS, such as black"
            raise UsageError(f'there is no colour "{text}": {hint}') from error
        raise UsageError(f'"{text}" is no colour: write #rrggbb, or a name such as black or white') from error
    if len(colour) == 4 and colour[3] != 255:
        raise UsageError(f'the colour "{text}" is see-through, and would show the face')
    return np.array(colour[:3], np.float32) / np.float32(255)
