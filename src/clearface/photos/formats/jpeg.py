"""JPEG, with CMYK and YCCK, progressive scans, and the multi-picture files of phones."""

from io import BytesIO
from struct import pack

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from clearface.errors import PhotoError
from clearface.photos.colour import srgb_profile, to_srgb
from clearface.photos.metadata import EXIF_HEADER, plausible_dpi, without_maker_note
from clearface.photos.photo import Photo
from clearface.photos.rasters import array_of, frame_of, rasters_for_writing
from clearface.photos.source import Source
from clearface.photos.tags import read_tags

_LARGEST_MARKER = 65_533
_LARGEST_XMP = _LARGEST_MARKER - 29
_FULL_CHROMA_FROM = 90
_IPTC_RESOURCE = 0x0404


def read_jpeg(source: Source) -> Photo:
    """The main picture of a JPEG; CMYK comes as sRGB, through the file's profile where it has one."""
    # The class itself rather than Image.open, which warns of large photos and bends multi-picture files to another class.
    image: Image.Image = JpegImageFile(BytesIO(source.data))
    info = image.info
    source.check_size(*image.size)
    image.load()
    tags = read_tags(info.get("exif"), info.get("xmp"))
    notes, profile = list(tags.notes), info.get("icc_profile")
    if "mp" in info:
        notes.append("the file holds further pictures (a preview, depth or brightness map); only the main one is kept")
    if image.mode == "CMYK":
        image, note = to_srgb(image, profile)
        profile = srgb_profile()
        notes.append(note)
    frame, grey = frame_of(array_of(image), tags.orientation)
    return Photo(
        (frame,),
        "JPEG",
        grey=grey,
        icc_profile=profile,
        exif=tags.exif,
        xmp=tags.xmp,
        dpi=plausible_dpi(info.get("dpi")) if info.get("jfif_unit") else tags.dpi,
        notes=tuple(notes),
        iptc=info.get("photoshop", {}).get(_IPTC_RESOURCE) or None,
        comment=info.get("comment") or None,
        lossless=False,
        progressive=bool(info.get("progressive")),
    )


def write_jpeg(photo: Photo, quality: int) -> bytes:
    """A JPEG of one opaque 8-bit frame; full colour resolution from quality 90 on.

    EXIF beyond the 64 KB a JPEG can hold loses the camera maker's notes, and is left out if that is not enough; so is XMP
    beyond 64 KB.
    """
    image = Image.fromarray(rasters_for_writing(photo)[0])
    out = BytesIO()
    image.save(
        out,
        "JPEG",
        quality=quality,
        subsampling=0 if quality >= _FULL_CHROMA_FROM else 2,
        progressive=photo.progressive,
        dpi=photo.dpi or (0, 0),
        icc_profile=photo.icc_profile,
        exif=_fitting_exif(photo.exif),
        xmp=_fitting_xmp(photo.xmp),
        comment=(photo.comment or b"")[:_LARGEST_MARKER] or None,
        extra=_iptc_marker(photo.iptc),
    )
    return out.getvalue()


def _fitting_exif(exif: bytes | None) -> bytes:
    if exif is None:
        return b""
    if len(EXIF_HEADER + exif) > _LARGEST_MARKER:
        exif = without_maker_note(exif)
    return EXIF_HEADER + exif if len(EXIF_HEADER + exif) <= _LARGEST_MARKER else b""


def _fitting_xmp(xmp: bytes | None) -> bytes | None:
    return xmp if xmp is not None and len(xmp) <= _LARGEST_XMP else None


def _iptc_marker(iptc: bytes | None) -> bytes:
    """An APP13 segment with one Photoshop resource."""
    if iptc is None:
        return b""
    resource = b"8BIM" + pack(">HHL", _IPTC_RESOURCE, 0, len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    body = b"Photoshop 3.0\0" + resource
    if len(body) > _LARGEST_MARKER:
        raise PhotoError(
            f"the IPTC records of {len(iptc):,} bytes do not fit into a JPEG; --metadata strip leaves them out"
        )
    return b"\xff\xed" + pack(">H", len(body) + 2) + body
