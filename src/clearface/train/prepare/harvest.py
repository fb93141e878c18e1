"""What one photo yields: sharp aligned faces with masks, and why others were left out."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import ByteImage, FloatArray
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection, select_faces
from clearface.errors import PhotoError
from clearface.faces import WORKING_SIZES, Face, native_size
from clearface.files.explanations import shown
from clearface.files.inputs import read_bytes
from clearface.masks import UNKNOWN, ByteMask
from clearface.photos.decode import read_photo
from clearface.photos.photo import byte_view
from clearface.train.prepare.crops import (
    box_in_crop,
    carry_mask_to_crop,
    inside_photo,
    mask_fits,
    outside_shares,
    thumbnail,
    wide_crop,
    wide_square,
)
from clearface.train.prepare.likeness import THUMBNAIL
from clearface.train.prepare.mask_files import read_mask
from clearface.train.prepare.options import PrepareOptions
from clearface.train.prepare.parsing import FaceParser
from clearface.train.prepare.reasons import Drop, Reason
from clearface.train.prepare.records import MaskOrigin
from clearface.train.prepare.sharpness import measure_sharpness
from clearface.train.prepare.sources import SourcePhoto

LARGEST_BOX_CUT = 0.03
"""Share of the face box that may lie beyond the photo."""

LARGEST_SQUARE_CUT = 0.35
"""Share of the FFHQ square that may lie beyond the photo; portraits cut at the hair and the chin have up to 0.3."""


@dataclass(frozen=True, eq=False)
class HarvestedFace:
    """One face that may enter the set."""

    number: int
    """Its place among the faces of its photo, the most certain being 1."""

    sharp_at: int
    native: float
    """Side of the FFHQ square in the photo, in pixels."""

    score: float
    crop: ByteImage
    """RGB `(C, C, 3)`, C being `wide_side(sharp_at)`."""

    box: FloatArray
    """Left, top, right, bottom in pixels of the crop."""

    thumbnail: FloatArray
    mask: ByteMask | None
    """`(C, C)`; None where nobody gave one."""

    origin: MaskOrigin


@dataclass(frozen=True, eq=False)
class Harvest:
    """Everything one photo yields."""

    faces: tuple[HarvestedFace, ...]
    drops: tuple[Drop, ...]


@dataclass(frozen=True)
class Tools:
    """What is loaded once for many photos."""

    detector: Detector
    parser: FaceParser | None


def harvest_photo(photo: SourcePhoto, tools: Tools, options: PrepareOptions) -> Harvest:
    """Reads a photo and takes its usable faces. What is wrong with the photo is a `Drop`, never an exception."""
    try:
        pixels = byte_view(read_photo(read_bytes(photo.path), shown(photo.path)).frames[0].pixels)
        mask = None if photo.mask is None else read_mask(photo.mask, options.scheme)
    except PhotoError as error:
        return _nothing(photo, Reason.UNREADABLE, str(error))
    if mask is not None and not mask_fits(mask, pixels.shape):
        sizes = f"{mask.shape[1]}x{mask.shape[0]} to {pixels.shape[1]}x{pixels.shape[0]}"
        return _nothing(
            photo, Reason.UNREADABLE, f"{photo.name}: the mask has other proportions than the photo, {sizes}"
        )
    found = tools.detector.detect(pixels)
    if not found:
        return _nothing(photo, Reason.NO_FACE, "nothing that looks like one at this threshold")
    chosen = select_faces(found, pixels.shape, FaceSelection(largest_only=options.largest_only))
    faces: list[HarvestedFace] = []
    drops: list[Drop] = []
    for face in chosen:
        number = found.index(face) + 1
        taken = _harvest_face(pixels, mask, face, number, tools)
        if isinstance(taken, HarvestedFace):
            faces.append(taken)
        else:
            drops.append(Drop(photo.name, number, *taken))
    return Harvest(tuple(faces), tuple(drops))


def _nothing(photo: SourcePhoto, reason: Reason, sentence: str) -> Harvest:
    return Harvest((), (Drop(photo.name, 0, reason, sentence),))


def _harvest_face(
    pixels: ByteImage, mask: ByteMask | None, face: Face, number: int, tools: Tools
) -> HarvestedFace | tuple[Reason, str]:
    native = native_size(face)
    if native < WORKING_SIZES[0]:
        return Reason.TOO_SMALL, f"{native:.0f} pixels of {WORKING_SIZES[0]}"
    box_cut, square_cut = outside_shares(face, pixels.shape)
    if box_cut > LARGEST_BOX_CUT or square_cut > LARGEST_SQUARE_CUT:
        return (
            Reason.CUT,
            f"{box_cut:.0%} of the face and {square_cut:.0%} of the square around it lie beyond the photo",
        )
    sharpness = measure_sharpness(pixels, face)
    if not sharpness.sharp_at:
        if not sharpness.transfer:
            return Reason.TOO_SMALL, f"{native:.0f} pixels, enlarged from fewer than {WORKING_SIZES[0]}"
        size, left = sharpness.transfer[0]
        ways = ", and that lies one way, as motion leaves it" if sharpness.smeared else ""
        return (
            Reason.BLURRED,
            f"{native:.0f} pixels, but {left:.2f} of the detail of a sharp face at {size} is left{ways}",
        )
    taken = wide_square(face, sharpness.sharp_at)
    crop = wide_crop(pixels, face, sharpness.sharp_at)
    carried, origin = None, MaskOrigin.NONE
    if mask is not None:
        carried, origin = carry_mask_to_crop(mask, pixels.shape, taken), MaskOrigin.GIVEN
    elif tools.parser is not None:
        parsed = tools.parser.parse(crop)
        carried, origin = np.where(inside_photo(pixels.shape, taken), parsed, np.uint8(UNKNOWN)), MaskOrigin.PSEUDO
    return HarvestedFace(
        number=number,
        sharp_at=sharpness.sharp_at,
        native=native,
        score=face.score,
        crop=crop,
        box=box_in_crop(face, sharpness.sharp_at),
        thumbnail=thumbnail(crop, sharpness.sharp_at, THUMBNAIL),
        mask=carried,
        origin=origin,
    )
