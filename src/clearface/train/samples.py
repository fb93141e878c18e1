"""Aligned faces held in memory, and random framings of them."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from clearface.arrays import ByteImage, FloatArray
from clearface.faces import compose_transforms, resize_transform

WIDE_FRAMING = 1.3
"""Side of a stored crop divided by the side of the FFHQ square inside it."""


@dataclass(frozen=True)
class FaceSet:
    """Faces of one size, upright, the FFHQ square in the middle."""

    crops: ByteImage
    """RGB uint8 `(N, C, C, 3)`, C being `WIDE_FRAMING` times the side of the FFHQ square."""

    held_back: int = 0
    """How many of the last crops training never sees."""

    @property
    def square(self) -> float:
        """Side of the FFHQ square in pixels: the largest working size these faces are sharp at."""
        return self.crops.shape[1] / WIDE_FRAMING


@dataclass(frozen=True)
class Framing:
    """How a face is cut out: as the pipeline aligns it most of the time, otherwise freely."""

    tilt: float = 8.0
    """Standard deviation of the rotation in degrees."""

    closest: float = 2.0
    """Largest side of the whole FFHQ square, in sides of the sample: 1 is the whole face, 2 a quarter of it."""

    whole: float = 0.6
    """Share of samples that show the whole face, as the pipeline aligns it."""


def load_face_set(path: Path, held_back: int = 0) -> FaceSet:
    """Reads `(N, C, C, 3)` uint8 crops from a .npy file."""
    return FaceSet(np.load(path, mmap_mode=None, allow_pickle=False), held_back)


def draw_samples(
    sets: tuple[FaceSet, ...], generator: np.random.Generator, count: int, size: int, framing: Framing | None = None
) -> FloatArray:
    """`count` random faces, RGB float32 `(count, 3, size, size)` in [0, 1], sets drawn in proportion to their faces.

    A face is never enlarged by more than a quarter: a small photo is no sharp target for a large sample.
    """
    settings = framing or Framing()
    usable = np.array([len(faces.crops) - faces.held_back for faces in sets])
    chosen = generator.choice(len(sets), size=count, p=usable / usable.sum())
    samples = np.empty((count, 3, size, size), np.float32)
    for index, which in enumerate(chosen):
        faces = sets[which]
        crop = faces.crops[generator.integers(usable[which])]
        samples[index] = _framed(crop, faces.square, generator, size, settings).transpose(2, 0, 1)
    return samples


def _framed(crop: ByteImage, square: float, generator: np.random.Generator, size: int, framing: Framing) -> FloatArray:
    closest = min(framing.closest, 1.25 * square / size)
    whole = generator.random() < framing.whole
    scale = generator.uniform(0.75, 1.1) if whole else np.exp(generator.uniform(np.log(0.75), np.log(closest)))
    zoom = scale * size / square
    slack = 0.04 * size if whole else 0.04 * size + max(0.0, (scale - 0.8) * size / 2)
    shift_x, shift_y = generator.uniform(-slack, slack, 2)
    angle = np.radians(generator.normal(0, framing.tilt))
    linear = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if generator.random() < 0.5:
        linear[:, 0] *= -1
    source: ByteImage = crop
    shrink = 1.0
    if zoom < 0.75:  # reduce by area first: plain interpolation would alias
        side = max(1, round(crop.shape[0] * zoom * 1.15))
        shrink = side / crop.shape[0]
        source = np.asarray(cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    middle = (crop.shape[0] - 1) / 2
    target = np.array([(size - 1) / 2 + shift_x, (size - 1) / 2 + shift_y])
    transform = np.column_stack([linear, target - linear @ [middle, middle]])
    from_source = compose_transforms(resize_transform(1 / shrink), transform)
    framed = cv2.warpAffine(source, from_source, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(framed, np.float32) / np.float32(255)
