"""Portable grey and colour maps, the plain files that older collections come in."""

from io import BytesIO

from PIL import Image
from PIL.PpmImagePlugin import PpmImageFile

from clearface.photos.photo import Photo
from clearface.photos.rasters import array_of, frame_of, rasters_for_writing
from clearface.photos.source import Source


def read_ppm(source: Source) -> Photo:
    """A portable map of 8 bits. Raises PhotoError for one of more."""
    image = PpmImageFile(BytesIO(source.data))
    source.check_size(*image.size)
    if image.mode not in ("L", "RGB"):
        raise source.refusal("of portable maps only those of 8 bits are read")
    image.load()
    frame, grey = frame_of(array_of(image))
    return Photo((frame,), "PPM", grey=grey)


def write_ppm(photo: Photo, quality: int) -> bytes:
    """A portable map of one opaque 8-bit frame, grey (PGM) or in colour (PPM); `quality` has no bearing on it."""
    out = BytesIO()
    Image.fromarray(rasters_for_writing(photo)[0]).save(out, "PPM")
    return out.getvalue()
