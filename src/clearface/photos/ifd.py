"""Image file directories: the tag lists of TIFF 6.0, in which EXIF is written too.

Entries are carried as they are, type and bytes, so that moving them loses nothing.
"""

from dataclasses import dataclass
from struct import error as StructError
from struct import pack, unpack_from
from typing import Literal

_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
SHORT, LONG = 3, 4


@dataclass(frozen=True)
class Entry:
    """One tag."""

    tag: int
    type: int
    count: int

    payload: bytes
    """The values in the byte order of the block, `count` of them."""

    at: int = -1
    """Where its twelve bytes stand in the block it was read from."""

    payload_at: int = -1
    """Where its payload stands there."""

    def integers(self, order: str) -> tuple[int, ...]:
        """The values of a tag of unsigned integers; empty for any other type."""
        letter = {1: "B", SHORT: "H", LONG: "L", 13: "L"}.get(self.type)
        return unpack_from(f"{order}{self.count}{letter}", self.payload) if letter else ()


@dataclass(frozen=True)
class Directory:
    """The entries of one directory."""

    entries: tuple[Entry, ...]

    following: int
    """Where the next directory of the chain stands, 0 at the end."""

    following_at: int
    """Where that number stands."""

    count: int
    """How many entries the block has there, those left out included."""

    def find(self, tag: int) -> Entry | None:
        return next((entry for entry in self.entries if entry.tag == tag), None)


def byte_order(block: bytes) -> Literal["<", ">"]:
    """`<` or `>`, as `struct` has it. Raises ValueError where the block is no classic TIFF structure."""
    if len(block) >= 8 and block.startswith(b"II*\0"):
        return "<"
    if len(block) >= 8 and block.startswith(b"MM\0*"):
        return ">"
    raise ValueError("no TIFF header")


def first_directory(block: bytes) -> Directory:
    """The directory the header points to. Raises ValueError where it is damaged."""
    return read_directory(block, unpack_from(byte_order(block) + "L", block, 4)[0])


def read_directory(block: bytes, at: int) -> Directory:
    """The directory at an offset; entries whose values lie outside the block are left out.

    Raises ValueError where the directory itself is damaged.
    """
    order = byte_order(block)
    try:
        (count,) = unpack_from(order + "H", block, at)
        following_at = at + 2 + 12 * count
        if following_at > len(block):
            raise ValueError("the directory reaches beyond its block")
        entries = [_read_entry(block, order, at + 2 + 12 * index) for index in range(count)]
        # Some cameras end the block right behind the last entry.
        following = unpack_from(order + "L", block, following_at)[0] if following_at + 4 <= len(block) else 0
    except StructError as error:
        raise ValueError("the directory reaches beyond its block") from error
    return Directory(tuple(entry for entry in entries if entry is not None), following, following_at, count)


def write_directory(entries: list[Entry], at: int, order: str, following: int = 0) -> bytes:
    """The bytes of a directory that will stand at the even offset `at`."""
    entries = sorted(entries, key=lambda entry: entry.tag)
    head = pack(order + "H", len(entries))
    tail = b""
    tail_at = at + 2 + 12 * len(entries) + 4
    for entry in entries:
        head += pack(order + "HHL", entry.tag, entry.type, entry.count)
        if len(entry.payload) <= 4:
            head += entry.payload.ljust(4, b"\0")
        else:
            head += pack(order + "L", tail_at + len(tail))
            tail += entry.payload + b"\0" * (len(entry.payload) % 2)
    return head + pack(order + "L", following) + tail


def _read_entry(block: bytes, order: str, at: int) -> Entry | None:
    tag, type_, count = unpack_from(order + "HHL", block, at)
    size = _TYPE_SIZES.get(type_, 0) * count
    payload_at = at + 8 if size <= 4 else unpack_from(order + "L", block, at + 8)[0]
    if size == 0 or payload_at + size > len(block):
        return None
    return Entry(tag, type_, count, block[payload_at : payload_at + size], at, payload_at)
