"""The parts of a face clearface tells apart, and how the classes of other collections map to them."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from clearface.arrays import ByteImage

ByteMask = NDArray[np.uint8]
"""uint8 `(H, W)` of `FaceClass` values and `UNKNOWN`."""


class FaceClass(IntEnum):
    """What a pixel of an aligned face shows; the values are the planes of a mask network's output, in order."""

    BACKGROUND = 0
    SKIN = 1
    BROWS = 2
    EYES = 3
    GLASSES = 4
    NOSE = 5
    MOUTH = 6
    """The inside of the mouth: teeth, tongue, the dark."""
    UPPER_LIP = 7
    LOWER_LIP = 8
    HAIR = 9
    OTHER = 10
    """Ears, neck, cloth, hats, jewellery."""


CLASS_COUNT = len(FaceClass)

UNKNOWN = 255
"""The value of a pixel nobody knows the class of: no mask, or a network that was not sure."""

CLASS_COLOURS: NDArray[np.uint8] = np.array(
    [
        [0, 0, 0],
        [224, 172, 134],
        [121, 72, 34],
        [66, 133, 244],
        [0, 188, 180],
        [251, 188, 5],
        [150, 20, 60],
        [234, 67, 120],
        [190, 40, 200],
        [90, 60, 160],
        [110, 130, 110],
    ],
    dtype=np.uint8,
)
"""`(11, 3)` RGB by class, for display."""

UNKNOWN_COLOUR: NDArray[np.uint8] = np.array([255, 255, 255], dtype=np.uint8)

_CELEBAMASK_HQ = (
    FaceClass.BACKGROUND,
    FaceClass.SKIN,
    FaceClass.NOSE,
    FaceClass.GLASSES,
    FaceClass.EYES,
    FaceClass.EYES,
    FaceClass.BROWS,
    FaceClass.BROWS,
    FaceClass.OTHER,  # ears
    FaceClass.OTHER,
    FaceClass.MOUTH,
    FaceClass.UPPER_LIP,
    FaceClass.LOWER_LIP,
    FaceClass.HAIR,
    FaceClass.OTHER,  # hat
    FaceClass.OTHER,  # earring
    FaceClass.OTHER,  # necklace
    FaceClass.OTHER,  # neck
    FaceClass.OTHER,  # cloth
)
"""By palette index of CelebAMask-HQ's merged masks (Lee et al. 2020), 0 to 18."""

CELEBAMASK_PARTS = {
    "skin": FaceClass.SKIN,
    "nose": FaceClass.NOSE,
    "eye_g": FaceClass.GLASSES,
    "l_eye": FaceClass.EYES,
    "r_eye": FaceClass.EYES,
    "l_brow": FaceClass.BROWS,
    "r_brow": FaceClass.BROWS,
    "l_ear": FaceClass.OTHER,
    "r_ear": FaceClass.OTHER,
    "mouth": FaceClass.MOUTH,
    "u_lip": FaceClass.UPPER_LIP,
    "l_lip": FaceClass.LOWER_LIP,
    "hair": FaceClass.HAIR,
    "hat": FaceClass.OTHER,
    "ear_r": FaceClass.OTHER,
    "neck_l": FaceClass.OTHER,
    "neck": FaceClass.OTHER,
    "cloth": FaceClass.OTHER,
}
"""The parts of CelebAMask-HQ as first published, a file each, in the order its merged masks are painted: later on top."""


def _table(classes: tuple[FaceClass, ...]) -> NDArray[np.uint8]:
    table = np.full(256, UNKNOWN, np.uint8)
    table[: len(classes)] = classes
    return table


MASK_SCHEMES: dict[str, NDArray[np.uint8]] = {
    "clearface": _table(tuple(FaceClass)),
    "celebamask-hq": _table(_CELEBAMASK_HQ),
}
"""By name, the class of every value a mask may hold, `(256,)` uint8; values a scheme does not know are `UNKNOWN`."""


def colour_mask(mask: ByteMask) -> ByteImage:
    """A mask `(H, W)` of classes as an RGB picture `(H, W, 3)` uint8, to look at."""
    colours = np.full((256, 3), UNKNOWN_COLOUR, np.uint8)
    colours[:CLASS_COUNT] = CLASS_COLOURS
    return np.asarray(colours[mask], np.uint8)
