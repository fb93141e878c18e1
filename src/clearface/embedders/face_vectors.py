"""What classical methods see of a face: its brightness."""

import cv2
import numpy as np

from clearface.arrays import FloatArray
from clearface.blending import face_mask
from clearface.embedders.photometry import Photometry, in_even_light

SIDE = 64
"""Of the pictures that are compared, in pixels."""


def grey_pictures(faces: FloatArray, side: int) -> FloatArray:
    """The mean of the channels of RGB FFHQ squares `(N, S, S, 3)` in [0, 1], reduced to `side`: `(N, side, side)` float32."""
    pictures = np.empty((len(faces), side, side), np.float32)
    for place, face in enumerate(faces):
        brightness = np.ascontiguousarray(face).mean(2)
        pictures[place] = cv2.resize(brightness, (side, side), interpolation=cv2.INTER_AREA)
    return pictures


def face_vectors(faces: FloatArray, photometry: Photometry = Photometry.NONE) -> FloatArray:
    """The brightness of RGB FFHQ squares `(N, S, S, 3)` in [0, 1], reduced to 64x64 and weighted by `face_mask`: `(N, 4096)`.

    The weights keep surroundings from telling who it is, as the Gaussian window of Turk and Pentland (1991) does. photometry:
    what is done about light before.
    """
    pictures = in_even_light(grey_pictures(faces, SIDE), photometry)
    return (pictures * face_mask(SIDE)).reshape(len(faces), SIDE * SIDE)
