"""What a photo says beside its pixels, made true for pixels that are upright and no longer the old ones."""

import re
from dataclasses import dataclass
from math import isfinite
from struct import pack, pack_into

from clearface.photos.embedded import clear_pictures
from clearface.photos.ifd import (
    LONG,
    SHORT,
    Directory,
    Entry,
    byte_order,
    first_directory,
    read_directory,
    write_directory,
)
from clearface.photos.previews import clear_previews

ORIENTATION, EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x0112, 0x8769, 0x8825, 0xA005
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
XMP, IPTC, ICC_PROFILE = 0x02BC, 0x83BB, 0x8773
_RATIONAL, _INCH = 5, 2
_PIXEL_X, _PIXEL_Y = 0xA002, 0xA003

_DESCRIPTIVE_TAGS = frozenset(
    (0x010D, 0x010E, 0x010F, 0x0110, 0x011D, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298)
) | frozenset(range(0x9C9B, 0x9CA0))
"""Tags of the main directory of a TIFF that speak of the photo (camera, author, date, title, rating), not of its bytes."""

EXIF_HEADER = b"Exif\0\0"


@dataclass(frozen=True)
class UprightMetadata:
    """EXIF or XMP that no longer turns the picture."""

    block: bytes

    orientation: int
    """What it said before, 1 to 8; 0 where it said nothing."""


def upright_exif(exif: bytes) -> UprightMetadata:
    """EXIF with orientation 1 and without its thumbnail and other embedded pictures, otherwise byte for byte the same.

    It is changed in place because the notes of camera makers hold offsets that break when they move. Raises ValueError
    where the block is damaged.
    """
    while exif.startswith(EXIF_HEADER):
        exif = exif[len(EXIF_HEADER) :]
    order, main = byte_order(exif), first_directory(exif)
    block = bytearray(exif)
    turned = main.find(ORIENTATION)
    values = turned.integers(order) if turned is not None else ()
    orientation = values[0] if values and 1 <= values[0] <= 8 else 0
    if turned is not None and values:
        pack_into(order + "HLHH", block, turned.at + 2, SHORT, 1, 1, 0)
    if orientation >= 5:
        _swap_dimensions(block, exif, order, main)
    kept = clear_previews(block, exif, main)
    if main.following:
        block[main.following_at : main.following_at + 4] = bytes(4)
    clear_pictures(block)
    return UprightMetadata(bytes(block[:kept]), orientation)


def without_orientation(upright: bytes) -> bytes:
    """Upright EXIF without its orientation, which says nothing more; all else keeps its place."""
    turned = first_directory(upright).find(ORIENTATION)
    return upright if turned is None else _without_entry(upright, turned)


def without_place(exif: bytes) -> bytes:
    """EXIF without its GPS directory, whose bytes are all zeros then; all else keeps its place.

    Raises ValueError where the block is damaged.
    """
    order, main = byte_order(exif), first_directory(exif)
    block = bytearray(exif)
    holders = [main]
    for entry in main.entries:
        if entry.tag == EXIF_IFD:
            holders += [_directory_or_none(exif, at) for at in entry.integers(order)]
    for entry in [entry for holder in holders for entry in holder.entries if entry.tag == GPS_IFD]:
        for at in entry.integers(order):
            _clear_directory(block, exif, at, main)
    while (pointer := first_directory(bytes(block)).find(GPS_IFD)) is not None:
        block = bytearray(_without_entry(bytes(block), pointer))
    return bytes(block)


def _without_entry(block: bytes, entry: Entry) -> bytes:
    """A block without one entry of its main directory; all that lies behind the directory keeps its place."""
    order, main = byte_order(block), first_directory(block)
    start, stop = main.following_at - 12 * main.count - 2, main.following_at + 4
    body = block[start + 2 : entry.at] + block[entry.at + 12 : stop] + bytes(12)
    return block[:start] + pack(order + "H", main.count - 1) + body + block[stop:]


def _directory_or_none(block: bytes, at: int) -> Directory:
    """The directory at an offset, an empty one where it is damaged."""
    try:
        return read_directory(block, at)
    except ValueError:
        return Directory((), 0, 0, 0)


def _clear_directory(block: bytearray, exif: bytes, at: int, main: Directory) -> None:
    """Sets a directory and its values to zero, but neither the header of the block nor its main directory."""
    directory = _directory_or_none(exif, at)
    if not directory.following_at:
        return
    spans = [(entry.payload_at, entry.payload_at + len(entry.payload)) for entry in directory.entries]
    spans.append((at, min(directory.following_at + 4, len(block))))
    kept = bytes(block)
    for start, stop in spans:
        block[start:stop] = bytes(stop - start)
    first, last = main.following_at - 12 * main.count - 2, main.following_at + 4
    block[:8], block[first:last] = kept[:8], kept[first:last]


def upright_xmp(xmp: bytes) -> UprightMetadata:
    """An XMP packet with `tiff:Orientation` 1 and without embedded pictures."""
    match = re.search(rb"""tiff:Orientation\s*(?:=\s*["']|>)\s*([1-8])""", xmp)
    xmp = re.sub(rb"""(tiff:Orientation\s*(?:=\s*["']|>)\s*)[0-9]""", rb"\g<1>1", xmp)
    xmp = re.sub(rb"<(xmp|xap):Thumbnails\b.*?</\1:Thumbnails>", b"", xmp, flags=re.DOTALL)
    xmp = re.sub(rb"<(GImage|GDepth|xmpGImg|xapGImg):(Data|image)>.*?</\1:\2>", b"", xmp, flags=re.DOTALL)
    xmp = re.sub(rb"""\s(GImage|GDepth|xmpGImg|xapGImg):(Data|image)\s*=\s*("[^"]*"|'[^']*')""", b"", xmp)
    return UprightMetadata(xmp, int(match[1]) if match else 0)


def exif_of_tiff(tiff: bytes) -> bytes | None:
    """An EXIF block of what the first page of a classic TIFF says of the photo; None where it says nothing.

    Raises ValueError where the directory is damaged.
    """
    order, main = byte_order(tiff), first_directory(tiff)
    entries = [entry for entry in main.entries if entry.tag in _DESCRIPTIVE_TAGS]
    branches = {tag: _branch(tiff, order, main, tag) for tag in (EXIF_IFD, GPS_IFD)}
    if not entries and not any(branches.values()):
        return None
    return tiff[:4] + pack(order + "L", 8) + _with_branches(entries, branches, 8, order)


def add_to_tiff(tiff: bytes, exif: bytes | None, blobs: dict[int, bytes]) -> bytes:
    """A classic TIFF with EXIF and with tags of raw bytes (XMP, IPTC, ICC profile) added to its first page."""
    if exif is None and not blobs:
        return tiff
    order, page = byte_order(tiff), first_directory(tiff)
    entries, branches = list(page.entries), dict[int, list[Entry]]()
    if exif is not None:
        if byte_order(exif) != order:
            raise ValueError("EXIF of one byte order in a TIFF of the other")
        main = first_directory(exif)
        entries += [entry for entry in main.entries if entry.tag in _DESCRIPTIVE_TAGS and page.find(entry.tag) is None]
        branches = {tag: _branch(exif, order, main, tag) for tag in (EXIF_IFD, GPS_IFD)}
    entries += [Entry(tag, 1 if tag == XMP else 7, len(blob), blob) for tag, blob in blobs.items()]
    at = len(tiff) + len(tiff) % 2
    directory = _with_branches(entries, branches, at, order, page.following)
    return tiff[:4] + pack(order + "L", at) + tiff[8:] + b"\0" * (len(tiff) % 2) + directory


def resolution_exif(dpi: tuple[float, float]) -> bytes:
    """The smallest EXIF block that says a resolution, for kinds that can say it in no other way."""
    entries = [
        Entry(tag, _RATIONAL, 1, pack("<LL", round(value * 1000), 1000))
        for tag, value in zip((X_RESOLUTION, Y_RESOLUTION), dpi, strict=True)
    ]
    entries.append(Entry(RESOLUTION_UNIT, SHORT, 1, pack("<H", _INCH)))
    return b"II*\0" + pack("<L", 8) + write_directory(entries, 8, "<")


def exif_resolution(exif: bytes) -> tuple[float, float] | None:
    """The resolution an EXIF block states, in pixels an inch; None where it states none or is damaged."""
    try:
        order, main = byte_order(exif), first_directory(exif)
    except ValueError:
        return None
    across, down, unit = (main.find(tag) for tag in (X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT))
    if across is None or down is None or across.type != _RATIONAL or down.type != _RATIONAL:
        return None
    values = []
    for entry in (across, down):
        over, under = Entry(entry.tag, LONG, 2, entry.payload).integers(order)
        values.append(over / under if under else 0.0)
    stated = unit.integers(order) if unit is not None else (_INCH,)
    centimetres = bool(stated) and stated[0] == 3
    return plausible_dpi([value * 2.54 if centimetres else value for value in values])


def plausible_dpi(dpi: object) -> tuple[float, float] | None:
    """A resolution as two floats; None for what is missing, not a number, zero or absurd."""
    if not isinstance(dpi, tuple | list) or len(dpi) != 2:
        return None
    try:
        across, down = float(dpi[0]), float(dpi[1])
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not (isfinite(across) and isfinite(down)) or min(across, down) < 1 or max(across, down) > 65_535:
        return None
    return across, down


def without_maker_note(exif: bytes) -> bytes:
    """The same EXIF block written anew without the maker's notes, which are the bulk of it."""
    order, main = byte_order(exif), first_directory(exif)
    branches = {tag: _branch(exif, order, main, tag) for tag in (EXIF_IFD, GPS_IFD)}
    entries = [entry for entry in main.entries if entry.tag not in branches]
    branches[EXIF_IFD] = [entry for entry in branches[EXIF_IFD] if entry.tag != 0x927C]
    return exif[:4] + pack(order + "L", 8) + _with_branches(entries, branches, 8, order)


def _branch(block: bytes, order: str, main: Directory, tag: int) -> list[Entry]:
    """The entries of the EXIF or GPS directory, none where it is missing or damaged.

    The interoperability directory, of no use elsewhere, is left out.
    """
    pointer = main.find(tag)
    offsets = pointer.integers(order) if pointer is not None else ()
    try:
        branch = read_directory(block, offsets[0]) if offsets else Directory((), 0, 0, 0)
    except ValueError:
        return []
    return [entry for entry in branch.entries if entry.tag != INTEROP_IFD]


def _with_branches(
    entries: list[Entry], branches: dict[int, list[Entry]], at: int, order: str, following: int = 0
) -> bytes:
    """A directory at `at` with its branches behind it."""
    branches = {tag: branch for tag, branch in branches.items() if branch}
    entries = [entry for entry in entries if entry.tag not in branches]
    blank = [Entry(tag, LONG, 1, bytes(4)) for tag in branches]
    branch_at = at + len(write_directory(entries + blank, at, order, following))
    pointers, tail = [], b""
    for tag, branch in branches.items():
        pointers.append(Entry(tag, LONG, 1, pack(order + "L", branch_at + len(tail))))
        tail += write_directory(branch, branch_at + len(tail), order)
    return write_directory(entries + pointers, at, order, following) + tail


def _swap_dimensions(block: bytearray, exif: bytes, order: str, main: Directory) -> None:
    pointer = main.find(EXIF_IFD)
    offsets = pointer.integers(order) if pointer is not None else ()
    try:
        branch = read_directory(exif, offsets[0]) if offsets else Directory((), 0, 0, 0)
    except ValueError:
        return  # nothing there to put right
    across, down = branch.find(_PIXEL_X), branch.find(_PIXEL_Y)
    if across is not None and down is not None:
        block[across.at + 2 : across.at + 12] = exif[down.at + 2 : down.at + 12]
        block[down.at + 2 : down.at + 12] = exif[across.at + 2 : across.at + 12]
