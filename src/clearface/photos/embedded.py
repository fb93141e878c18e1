"""Pictures inside what a photo says beside its pixels: as they are, or in base64 (RFC 4648)."""

import re

_JPEG_START = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_MARKER_AFTER_JPEG_START = frozenset(
    b"\xc0\xc1\xc2\xc4\xdb\xdd\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xfe"
)
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_WITHOUT_BODY = frozenset((0x01, *range(0xD0, 0xD8)))

_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND"
_BOXES_OF_STILLS = re.compile(rb"\0\0\0[\x08-\xff]ftyp[ -~]{4}|\0\0\0\x0c(?:JXL |jP  )\r\n\x87\n")
_BOXES = frozenset(
    b"ftyp meta mdat moov moof mfra free skip wide uuid idat pnot sidx styp emsg jp2h jp2c jxlc jxlp jxll brob jbrd Exif".split()
)
"""What stands outermost in such a file."""

_BASE64_PICTURE = re.compile(
    rb"(?:/9j/|iVBORw0KGgo|UklGR[A-Za-z0-9+/]{6}XRUJQ|R0lGOD|AAAA[A-Za-z0-9+/]{2}Z0eX)[A-Za-z0-9+/=\s]{20,}"
)
"""What JPEG, PNG, WebP, GIF and the HEIF family begin with in base64."""


def clear_pictures(block: bytearray) -> None:
    """Blanks every encoded picture or film in a block with zeros: JPEG, PNG, WebP, the HEIF family, and those in base64."""
    for start, stop in _pictures(bytes(block)):
        block[start:stop] = bytes(stop - start)


def holds_picture(block: bytes) -> bool:
    """Whether any encoded picture begins in a block."""
    return next(iter(_pictures(block)), None) is not None


def _pictures(block: bytes) -> list[tuple[int, int]]:
    """Start and end of every picture."""
    found = []
    for start in _places(block, _JPEG_START):
        if block[start + 3 : start + 4] and block[start + 3] in _MARKER_AFTER_JPEG_START:
            found.append((start, _end_of_jpeg(block, start, strict=False) or len(block)))
    for place in _places(block, _JPEG_START[1:]):  # some makers change the first byte of a preview
        if place > 0 and block[place - 1] != 0xFF:
            stop = _end_of_jpeg(block, place - 1, strict=True)
            found += [(place - 1, stop)] if stop is not None else []
    for start in _places(block, _PNG_START):
        stop = block.find(_PNG_END, start)
        found.append((start, len(block) if stop < 0 else stop + 8))
    for start in _places(block, b"RIFF"):
        if block[start + 8 : start + 12] == b"WEBP":
            found.append((start, start + 8 + int.from_bytes(block[start + 4 : start + 8], "little")))
    found += [(match.start(), _end_of_boxes(block, match.start())) for match in _BOXES_OF_STILLS.finditer(block)]
    found += [match.span() for match in _BASE64_PICTURE.finditer(block)]
    return [(start, min(stop, len(block))) for start, stop in found]


def _places(block: bytes, sought: bytes) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(sought), block)]


def _end_of_jpeg(block: bytes, start: int, *, strict: bool) -> int | None:
    """Where a JPEG stream ends, the thumbnails in its own segments passed over (ITU-T T.81, annex B).

    strict: None where what follows is no sequence of segments that leads to a scan. Otherwise a damaged stream lasts until the
    next end marker, or is without an end.
    """
    at, scanned = start + 2, False
    while at + 4 <= len(block) and block[at] == 0xFF:
        marker = block[at + 1]
        if marker == _END_OF_IMAGE:
            return at + 2
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_BODY:
            at += 2
        else:
            length = int.from_bytes(block[at + 2 : at + 4], "big")
            if length < 2 or at + 2 + length > len(block):
                break
            at += 2 + length
            if marker == _START_OF_SCAN:
                scanned = True
                at = _end_of_scan(block, at)
    if strict and not scanned:
        return None
    stop = block.find(_JPEG_END, at)
    return None if stop < 0 and not strict else len(block) if stop < 0 else stop + 2


def _end_of_scan(block: bytes, at: int) -> int:
    while (at := block.find(b"\xff", at)) >= 0:
        following = block[at + 1 : at + 2]
        if following and following[0] != 0 and following[0] not in _WITHOUT_BODY:
            return at
        at += 1
    return len(block)


def _end_of_boxes(block: bytes, start: int) -> int:
    """Where a sequence of boxes ends (ISO/IEC 14496-12)."""
    at = start
    while at + 8 <= len(block) and (at == start or block[at + 4 : at + 8] in _BOXES):
        length = int.from_bytes(block[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(block[at + 8 : at + 16], "big")
        if length < 8:  # 0 for a box up to the end
            return len(block)
        at += length
    return at
