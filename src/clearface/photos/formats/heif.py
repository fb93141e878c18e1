"""HEIC through the optional package pillow-heif, with the 10 bits that phones and cameras record."""

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from clearface.errors import DependencyError
from clearface.photos.metadata import EXIF_HEADER, resolution_exif
from clearface.photos.photo import Photo
from clearface.photos.quality import avif_quality
from clearface.photos.rasters import frame_of, rasters_for_writing, unmultiply
from clearface.photos.source import Source
from clearface.photos.tags import read_tags

if TYPE_CHECKING:
    from types import ModuleType

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_FULL_CHROMA_FROM = 90


def read_heif(source: Source) -> Photo:
    """The primary picture; 10 and 12 bits come in the upper bits of 16."""
    pillow_heif = _pillow_heif(source.name)
    file = pillow_heif.open_heif(BytesIO(source.data), convert_hdr_to_8bit=False, bgr_mode=False)
    image = file[file.primary_index]
    source.check_size(*image.size)
    info = image.info
    raster = np.asarray(image)
    if image.mode.partition(";")[0].endswith("a"):
        raster = unmultiply(raster)
    # The decoder has turned the picture already, so the orientation EXIF and XMP repeat is of no concern.
    tags = read_tags(info.get("exif"), info.get("xmp"))
    frame, grey = frame_of(raster.copy())
    notes = list(tags.notes)
    if len(file) > 1:
        notes.append(f"the file holds {len(file)} pictures; only the main one is kept")
    return Photo(
        (frame,),
        "HEIF",
        grey=grey,
        icc_profile=info.get("icc_profile"),
        exif=tags.exif,
        xmp=tags.xmp,
        dpi=tags.dpi,
        notes=tuple(notes),
        lossless=False,
    )


def write_heif(photo: Photo, quality: int) -> bytes:
    """A HEIC of one frame of 8 bits, or of 10 from 16; full colour resolution from JPEG quality 90 on."""
    pillow_heif = _pillow_heif("HEIC")
    raster = rasters_for_writing(photo)[0]
    mode = _MODES[1 if raster.ndim == 2 else raster.shape[2]] + (";16" if raster.dtype == np.uint16 else "")
    exif = photo.exif or (resolution_exif(photo.dpi) if photo.dpi else None)
    out = BytesIO()
    pillow_heif.encode(
        mode,
        (raster.shape[1], raster.shape[0]),
        raster.tobytes(),
        out,
        quality=avif_quality(quality),
        chroma=444 if quality >= _FULL_CHROMA_FROM else 420,
        icc_profile=photo.icc_profile,
        exif=EXIF_HEADER + exif if exif else None,
        xmp=photo.xmp,
    )
    return out.getvalue()


def _pillow_heif(subject: str) -> "ModuleType":
    try:
        import pillow_heif
    except ImportError as error:
        raise DependencyError(
            f'{subject}: this needs a package that is not here: pip install "clearface[heif]"'
        ) from error
    return pillow_heif
