"""The pictures that the directories of an EXIF block point to: thumbnails, previews, whatever their compression."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from clearface.photos.ifd import Directory, byte_order, read_directory

_SUB_DIRECTORIES, _EXIF_IFD, _GPS_IFD, _INTEROP_IFD, _MAKER_NOTE = 0x014A, 0x8769, 0x8825, 0xA005, 0x927C
_PLACES = ((0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202))
"""Offsets and lengths of strips, of tiles, and of a JPEG stream."""

_HEADER_SIZE = 8
_MOST_DIRECTORIES = 64


def clear_previews(block: bytearray, exif: bytes, main: Directory) -> int:
    """Blanks the pixels of the main directory, of those that follow it and of their children, with zeros.

    block: changed; as long as `exif`, from which the directories are read. No tag of the main, EXIF, GPS and interoperability
    directories is touched, wherever a damaged offset leads; the notes of the maker are none. Returns how much of the block is
    still needed.
    """
    told = _told_places(exif, main)
    pixels = np.frombuffer(block, np.uint8)
    kept = len(block)
    for start, stop in sorted(_spans(exif, main), key=lambda span: -span[1]):
        pixels[start:stop] *= told[start:stop]
        if stop >= kept and not told[start:stop].any():
            kept = min(kept, start)
    return kept


def _spans(exif: bytes, main: Directory) -> Iterator[tuple[int, int]]:
    """Start and end of everything that the directories say is a picture."""
    order = byte_order(exif)
    waiting, seen = [main], set[int]()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        directory = waiting.pop()
        children = directory.find(_SUB_DIRECTORIES)
        following = (directory.following, *(children.integers(order) if children is not None else ()))
        for at in following:
            if at and at not in seen and len(seen) < _MOST_DIRECTORIES:
                seen.add(at)
                waiting += [found for found in [_directory(exif, at)] if found is not None]
        for offset_tag, length_tag in _PLACES:
            offsets, lengths = directory.find(offset_tag), directory.find(length_tag)
            if offsets is None or lengths is None:
                continue
            for start, length in zip(offsets.integers(order), lengths.integers(order), strict=False):
                if start < len(exif):
                    yield start, min(start + length, len(exif))


def _told_places(exif: bytes, main: Directory) -> NDArray[np.uint8]:
    """1 for every byte that says something of the photo, 0 elsewhere: `(len(exif),)`."""
    told = np.zeros(len(exif), np.uint8)
    told[:_HEADER_SIZE] = 1
    order, waiting = byte_order(exif), [main]
    branches = 0
    while waiting:
        directory = waiting.pop()
        told[directory.following_at - 12 * directory.count - 2 : directory.following_at + 4] = 1
        for entry in directory.entries:
            if entry.tag in (_EXIF_IFD, _GPS_IFD, _INTEROP_IFD) and branches < _MOST_DIRECTORIES:
                branches += 1
                found = [_directory(exif, at) for at in entry.integers(order)[:1]]
                waiting += [branch for branch in found if branch is not None]
            if entry.tag != _MAKER_NOTE:
                told[entry.payload_at : entry.payload_at + len(entry.payload)] = 1
    return told


def _directory(exif: bytes, at: int) -> Directory | None:
    try:
        return read_directory(exif, at)
    except ValueError:
        return None  # no directory, so no picture any reader could find
