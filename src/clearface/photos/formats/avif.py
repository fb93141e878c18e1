"""AVIF, still and animated, through the libavif in Pillow: 8 bits a channel."""

from io import BytesIO

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile

from clearface.photos.metadata import EXIF_HEADER, resolution_exif, without_orientation
from clearface.photos.photo import Photo
from clearface.photos.quality import avif_quality
from clearface.photos.rasters import array_of, durations_in, frame_of, plain_image, rasters_for_writing
from clearface.photos.source import Source
from clearface.photos.tags import read_tags

_FULL_CHROMA_FROM = 90
_HIGH_BITDEPTH = 0x40


def read_avif(source: Source) -> Photo:
    image = AvifImageFile(BytesIO(source.data))
    source.check_size(*image.size, image.n_frames)
    info = image.info
    tags = read_tags(info.get("exif"), info.get("xmp"))
    notes = list(tags.notes)
    if _is_deep(source.data):
        notes.append("the file has more than 8 bits a channel and is read at 8")
    animated = image.n_frames > 1
    frames, all_grey = [], True
    for index in range(image.n_frames):
        image.seek(index)
        image.load()
        duration = float(image.info["duration"]) if animated else None
        frame, grey = frame_of(array_of(plain_image(image)), tags.orientation, duration)
        frames.append(frame)
        all_grey = all_grey and grey
    return Photo(
        tuple(frames),
        "AVIF",
        grey=all_grey,
        icc_profile=info.get("icc_profile"),
        exif=tags.exif,
        xmp=tags.xmp,
        dpi=tags.dpi,
        loop=0 if animated else None,
        notes=tuple(notes),
        lossless=False,
    )


def write_avif(photo: Photo, quality: int) -> bytes:
    """An AVIF of 8-bit frames, full colour resolution from JPEG quality 90 on."""
    exif = photo.exif or (resolution_exif(photo.dpi) if photo.dpi else None)
    images = [Image.fromarray(raster) for raster in rasters_for_writing(photo)]
    options: dict[str, object] = {
        "quality": avif_quality(quality),
        "subsampling": "4:0:0" if images[0].mode == "L" else "4:4:4" if quality >= _FULL_CHROMA_FROM else "4:2:0",
        "icc_profile": photo.icc_profile,
        # Pillow would write EXIF that has an orientation anew, and not all of it.
        "exif": EXIF_HEADER + without_orientation(exif) if exif else None,
        "xmp": photo.xmp,
    }
    if photo.animated:
        options |= {"save_all": True, "append_images": images[1:], "duration": durations_in(1, photo.frames)}
    out = BytesIO()
    images[0].save(out, "AVIF", **options)
    return out.getvalue()


def _is_deep(data: bytes) -> bool:
    """Whether the AV1 configuration (AV1 ISOBMFF binding, box av1C) says 10 or 12 bits."""
    at = data.find(b"av1C", 0, 1 << 16)
    return at >= 0 and len(data) > at + 6 and bool(data[at + 6] & _HIGH_BITDEPTH)
