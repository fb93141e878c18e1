"""TIFF of 8 and 16 bits, one page or many.

tifffile decodes grey and RGB where the compression is one it can undo by itself. What else has up to 8 bits goes through
Pillow, which brings libtiff with every compression but has no 16-bit colour; those pages go through OpenCV.
"""

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL.TiffImagePlugin import TiffImageFile

from clearface.photos.colour import srgb_profile, to_srgb
from clearface.photos.ifd import byte_order
from clearface.photos.metadata import (
    ICC_PROFILE,
    IPTC,
    ORIENTATION,
    RESOLUTION_UNIT,
    X_RESOLUTION,
    XMP,
    Y_RESOLUTION,
    add_to_tiff,
    exif_of_tiff,
    plausible_dpi,
)
from clearface.photos.photo import Frame, Photo
from clearface.photos.rasters import Raster, array_of, frame_of, plain_image, rasters_for_writing, unmultiply
from clearface.photos.source import Source
from clearface.photos.tags import read_tags

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

_DNG_VERSION = 50_706
_NONE, _LZW, _DEFLATE, _OLD_DEFLATE, _PACKBITS = 1, 5, 8, 32_946, 32_773
_BY_TIFFFILE = frozenset((_NONE, _DEFLATE, _OLD_DEFLATE, _PACKBITS))
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _CMYK = 0, 1, 2, 5
_PREMULTIPLIED = 1
_UNSIGNED = 1
_SAMPLE_FORMATS = {2: "signed", 3: "floating point", 5: "complex", 6: "complex"}
_CENTIMETRE = 3


def read_tiff(source: Source) -> Photo:
    """Every page but previews. Camera raw files, which are TIFF outside, and more than 16 bits a channel are refused."""
    from tifffile import TiffFile

    _hush_tifffile()
    with TiffFile(BytesIO(source.data)) as file:
        pages = list(_pages(source, file))
        if source.data[8:10] == b"CR" or any(_DNG_VERSION in page.tags for page in pages):
            raise source.refusal("a camera raw file, which has to be developed first")
        kept = [(index, page) for index, page in enumerate(pages) if not page.is_reduced]
        if not kept:
            raise source.refusal(
                "no whole picture is in the file: it is cut short, or holds previews only as camera raw files do"
            )
        pixels = sum(page.imagewidth * page.imagelength for _, page in kept)
        first = kept[0][1]
        source.check_size(first.imagewidth, first.imagelength)
        source.check_size(pixels, 1)
        notes = ["a preview page is left out"] if len(kept) < len(pages) else []
        frames, all_grey, converted = [], True, ""
        for index, page in kept:
            frame, grey, note = _read_page(source, index, page)
            frames.append(frame)
            all_grey, converted = all_grey and grey, converted or note
        try:
            exif = exif_of_tiff(source.data)
        except ValueError:
            exif = None  # BigTIFF, or a directory only tifffile makes sense of
        tags = read_tags(exif, _blob(first, XMP))
        return Photo(
            tuple(frames),
            "TIFF",
            grey=all_grey,
            icc_profile=srgb_profile() if converted else _blob(first, ICC_PROFILE),
            exif=tags.exif,
            xmp=tags.xmp,
            dpi=_dpi(first),
            notes=(*notes, *tags.notes, *([converted] if converted else [])),
            iptc=_blob(first, IPTC),
        )


def _pages(source: Source, file: "TiffFile") -> "Iterator[TiffPage]":
    """Every page, read one after the other, so that no chain of directories is followed further than the limits go."""
    from tifffile import TiffPage

    seen: set[int] = set()
    pixels = frames = 0
    for page in file.pages:
        if not isinstance(page, TiffPage):
            continue
        if page.offset in seen:
            raise source.refusal("the file is damaged: its pages lead in a circle")
        seen.add(page.offset)
        if not page.is_reduced:
            frames += 1
            pixels += page.imagewidth * page.imagelength
            source.check_frames(frames)
            source.check_size(max(pixels, 1), 1)
        yield page


def write_tiff(photo: Photo, quality: int) -> bytes:
    """A TIFF, deflated with prediction, a page a frame; `quality` has no bearing on it."""
    from tifffile import TiffWriter

    out = BytesIO()
    with TiffWriter(out, byteorder=byte_order(photo.exif) if photo.exif else "<") as writer:
        for raster in rasters_for_writing(photo):
            channels = 1 if raster.ndim == 2 else raster.shape[2]
            writer.write(
                raster,
                photometric="minisblack" if channels <= 2 else "rgb",
                planarconfig=None if channels == 1 else "contig",
                extrasamples=["unassalpha"] if channels in (2, 4) else None,
                compression="zlib",
                predictor=True,
                resolution=photo.dpi,
                resolutionunit="inch" if photo.dpi else "none",
                software=False,
                metadata=None,
            )
    blobs = {ICC_PROFILE: photo.icc_profile, XMP: photo.xmp, IPTC: photo.iptc}
    return add_to_tiff(out.getvalue(), photo.exif, {tag: blob for tag, blob in blobs.items() if blob})


def _read_page(source: Source, index: int, page: "TiffPage") -> tuple[Frame, bool, str]:
    """The frame, whether it is grey, and the note of a conversion to sRGB or nothing."""
    bits, photometric = int(np.max(page.bitspersample)), int(page.photometric)
    sample_format = int(np.max(page.sampleformat or _UNSIGNED))
    if sample_format != _UNSIGNED or bits > 16 or 8 < bits < 16:
        values = _SAMPLE_FORMATS.get(sample_format, "integer")
        raise source.refusal(f"a TIFF of {bits}-bit {values} values; only 8 and 16-bit integers are photos here")
    _check_pixels_complete(source, page)
    plain = photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB) and int(page.compression) in _BY_TIFFFILE
    if (bits == 16 and photometric != _CMYK) or (bits == 8 and plain):
        orientation = page.tags.valueof(ORIENTATION, 1)
        return *frame_of(_plain_raster(source, index, page), int(orientation)), ""
    with source.pillow_bound_lifted(page.imagewidth, page.imagelength):
        image = TiffImageFile(BytesIO(source.data))
        image.seek(index)
        image.load()  # turns it upright too
    if image.mode in ("CMYK", "LAB"):
        upright, note = to_srgb(image, _blob(page, ICC_PROFILE))
        return *frame_of(array_of(upright)), note
    if image.mode == "YCbCr":
        return *frame_of(array_of(image.convert("RGB"))), ""
    return *frame_of(array_of(plain_image(image))), ""


def _check_pixels_complete(source: Source, page: "TiffPage") -> None:
    """Raises ValueError where the file ends before its pixels, of which libtiff would speak on standard error."""
    ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
    if not ends or max(ends) > len(source.data):
        raise ValueError("truncated TIFF")


def _plain_raster(source: Source, index: int, page: "TiffPage") -> Raster:
    channels = page.samplesperpixel
    photometric = int(page.photometric)
    extras = [int(extra) for extra in page.extrasamples]
    colours = channels - len(extras)
    if (photometric, colours) not in (
        (_WHITE_IS_ZERO, 1),
        (_BLACK_IS_ZERO, 1),
        (_RGB, 3),
        (_RGB, 4),
    ) or page.imagedepth > 1:
        raise source.refusal(f"a TIFF whose {page.bitspersample}-bit colours are neither grey nor RGB cannot be read")
    if int(page.compression) in _BY_TIFFFILE:
        raster = np.asarray(page.asarray())
        if int(page.planarconfig) == 2 and channels > 1:
            raster = np.moveaxis(raster.reshape(channels, page.imagelength, page.imagewidth), 0, -1)
        raster = raster.reshape(page.imagelength, page.imagewidth, channels)
        raster = raster.astype(raster.dtype.newbyteorder("="), copy=False)
    else:
        raster = _through_opencv(source, index, page)
    raster = np.ascontiguousarray(raster[..., : colours + (1 if extras and extras[0] in (1, 2) else 0)])
    if photometric == _WHITE_IS_ZERO:
        raster = raster.copy()
        raster[..., 0] = np.iinfo(raster.dtype).max - raster[..., 0]
    if extras and extras[0] == _PREMULTIPLIED:
        raster = unmultiply(raster)
    return raster[..., 0] if raster.shape[2] == 1 else raster


def _through_opencv(source: Source, index: int, page: "TiffPage") -> Raster:
    channels = page.samplesperpixel
    done, decoded = False, list[Raster]()
    if channels != 2 and int(page.planarconfig) == 1 and page.imagewidth * page.imagelength <= 2**30:
        buffer = np.frombuffer(source.data, np.uint8)
        level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # the sentence below says all there is to say
        try:
            done, mats = cv2.imdecodemulti(buffer, cv2.IMREAD_UNCHANGED, range=(index, index + 1))
        finally:
            cv2.utils.logging.setLogLevel(level)
        decoded = list(mats)
    shape = (page.imagelength, page.imagewidth) + ((channels,) if channels > 1 else ())
    if not done or len(decoded) != 1 or decoded[0].dtype != np.uint16 or decoded[0].shape != shape:
        raise source.refusal(
            f"a 16-bit TIFF compressed by method {int(page.compression)} that is damaged or cannot be read"
        )
    if channels == 1:
        return decoded[0][..., None]
    return cv2.cvtColor(decoded[0], cv2.COLOR_BGR2RGB if channels == 3 else cv2.COLOR_BGRA2RGBA)


def _blob(page: "TiffPage", tag: int) -> bytes | None:
    value = page.tags.valueof(tag)
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, tuple | list):  # IPTC is often written as numbers of four bytes
        return np.array(value, page.parent.byteorder + "u4").tobytes()
    return bytes(value) if value else None


def _dpi(page: "TiffPage") -> tuple[float, float] | None:
    values = [page.tags.valueof(tag) for tag in (X_RESOLUTION, Y_RESOLUTION)]
    if any(not isinstance(value, tuple) or len(value) != 2 or not value[1] for value in values):
        return None
    unit = int(page.tags.valueof(RESOLUTION_UNIT, 2))
    if unit == 1:
        return None
    factor = 2.54 if unit == _CENTIMETRE else 1.0
    return plausible_dpi([value[0] / value[1] * factor for value in values])


def _hush_tifffile() -> None:
    """Lets a program that has set up no logging stay without tifffile's remarks on its standard error."""
    logger = logging.getLogger("tifffile")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
