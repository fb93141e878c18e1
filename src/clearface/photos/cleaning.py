"""What a photo says beside its pixels without whatever shows or tells what is to be hidden: further pictures, the place."""

import re
from dataclasses import replace
from zlib import decompressobj
from zlib import error as ZlibError

from clearface.photos.embedded import clear_pictures, holds_picture
from clearface.photos.metadata import without_place
from clearface.photos.packets import Forbidden, shows_picture, tells_place, without_properties
from clearface.photos.photo import Photo

Chunk = tuple[bytes, bytes]

_IPTC_PREVIEWS = frozenset(((2, 200), (2, 201), (2, 202)))
_IPTC_OBJECT_RECORDS = frozenset((7, 8, 9))
_TEXT_CHUNKS = frozenset((b"tEXt", b"zTXt", b"iTXt"))
_PLACE_WORD = re.compile(
    rb"gps[-_ :]*(?:latitude|longt?itude|altitude|position|coordinates|info)|geo[.:](?:lat|lon)", re.IGNORECASE
)
_PLACE_KEYWORD = re.compile(rb"gps|latitude|longt?itude|altitude", re.IGNORECASE)
_LARGEST_TEXT = 64 << 20


def without_pictures(photo: Photo) -> tuple[Photo, tuple[str, ...]]:
    """A photo with no picture but its frames, and sentences about what could not be cleaned and had to be left out whole."""
    notes: list[str] = []
    exif = None if photo.exif is None else _blanked(photo.exif)
    iptc = photo.iptc
    if iptc is not None:
        iptc = _iptc_without_previews(iptc)
        if iptc is None:
            notes.append("the IPTC records are damaged and left out")
    comment = photo.comment
    if comment is not None and holds_picture(comment):
        comment = None
        notes.append("the comment holds a picture and is left out")
    chunks = tuple(chunk for chunk in photo.png_chunks if not _shows(chunk))
    cleaned = _with_packet(
        replace(photo, exif=exif, iptc=iptc or None, comment=comment, png_chunks=chunks), shows_picture
    )
    if photo.xmp is not None and cleaned.xmp is None:
        notes.append("the XMP packet is damaged and left out")
    return cleaned, tuple(notes)


def without_gps(photo: Photo) -> Photo:
    """A photo that does not say where it was taken: EXIF without its GPS directory, XMP without coordinates.

    Names of places, which people write, stay. XMP that is damaged is left out, for it might say anything.
    """
    exif = None
    if photo.exif is not None:
        try:
            exif = without_place(photo.exif)
        except ValueError:
            exif = None
    chunks = tuple(chunk for chunk in photo.png_chunks if not _tells_place(chunk))
    comment = None if photo.comment is not None and _PLACE_WORD.search(photo.comment) else photo.comment
    return _with_packet(replace(photo, exif=exif, comment=comment, png_chunks=chunks), tells_place)


def _with_packet(photo: Photo, forbidden: Forbidden) -> Photo:
    if photo.xmp is None:
        return photo
    return replace(photo, xmp=without_properties(photo.xmp, forbidden) or None)


def _blanked(exif: bytes) -> bytes:
    block = bytearray(exif)
    clear_pictures(block)
    return bytes(block)


def _iptc_without_previews(records: bytes) -> bytes | None:
    """IPTC datasets (IIM 4.2) but previews and objects; None where they are damaged."""
    kept, at = b"", 0
    while at < len(records) and records[at] == 0x1C:
        length = int.from_bytes(records[at + 3 : at + 5], "big")
        start = at + 5
        if length & 0x8000:
            start += length & 0x7FFF
            length = int.from_bytes(records[at + 5 : start], "big")
        if at + 5 > len(records) or start + length > len(records):
            return None
        dataset, value = (records[at + 1], records[at + 2]), records[start : start + length]
        preview = dataset in _IPTC_PREVIEWS or dataset[0] in _IPTC_OBJECT_RECORDS
        if not preview and not holds_picture(value):
            kept += records[at : start + length]
        at = start + length
    return None if records[at:].strip(b"\0") else kept


def _shows(chunk: Chunk) -> bool:
    text = _text_of(chunk)
    return text is None or holds_picture(text)


def _tells_place(chunk: Chunk) -> bool:
    text = _text_of(chunk)
    keyword = chunk[1].partition(b"\0")[0] if chunk[0] in _TEXT_CHUNKS else b""
    return text is None or _PLACE_KEYWORD.search(keyword) is not None or _PLACE_WORD.search(text) is not None


def _text_of(chunk: Chunk) -> bytes | None:
    """What a text chunk says, inflated; empty for other chunks, None where it cannot be read."""
    name, body = chunk
    if name not in _TEXT_CHUNKS:
        return b""
    _, _, rest = body.partition(b"\0")
    if name == b"zTXt":
        return _inflated(rest[1:])
    if name == b"iTXt":
        parts = rest[2:].split(b"\0", 2)
        if len(parts) != 3:
            return None
        return _inflated(parts[2]) if rest[:1] == b"\1" else parts[2]
    return rest


def _inflated(data: bytes) -> bytes | None:
    stream = decompressobj()
    try:
        text = stream.decompress(data, _LARGEST_TEXT)
    except ZlibError:
        return None
    return text if stream.eof else None
