"""BMP."""

from io import BytesIO

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile

from clearface.photos.metadata import plausible_dpi
from clearface.photos.photo import Photo
from clearface.photos.rasters import array_of, frame_of, plain_image, rasters_for_writing
from clearface.photos.source import Source


def read_bmp(source: Source) -> Photo:
    image = BmpImageFile(BytesIO(source.data))
    source.check_size(*image.size)
    image.load()
    frame, grey = frame_of(array_of(plain_image(image)))
    return Photo((frame,), "BMP", grey=grey, dpi=plausible_dpi(image.info.get("dpi")))


def write_bmp(photo: Photo, quality: int) -> bytes:
    """A BMP of one opaque 8-bit frame; `quality` has no bearing on it."""
    out = BytesIO()
    image = Image.fromarray(rasters_for_writing(photo)[0])
    image.save(out, "BMP", dpi=photo.dpi or (0, 0))
    return out.getvalue()
