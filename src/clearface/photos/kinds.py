"""The kinds of photo clearface reads and writes, and how to tell them by their first bytes."""

from dataclasses import dataclass
from os import PathLike
from pathlib import PurePath


@dataclass(frozen=True)
class Kind:
    """What a kind of photo is called and what it can hold."""

    label: str
    """As people write it."""

    extensions: tuple[str, ...]
    """Lower case with dot, the usual one first."""

    alpha: bool = False
    animation: bool = False
    pages: bool = False

    deep: bool = False
    """More than 8 bits a channel."""

    profile: bool = True
    """An ICC profile."""

    largest_side: int = 2**31 - 1
    """In pixels."""

    media_name: str | None = None
    """The second part of its media type, where that is not the label."""

    @property
    def media_type(self) -> str:
        """As HTTP names it (RFC 6838)."""
        return f"image/{self.media_name or self.label.lower()}"


KINDS: dict[str, Kind] = {
    "JPEG": Kind("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), largest_side=65_500),
    "PNG": Kind("PNG", (".png", ".apng"), alpha=True, animation=True, deep=True),
    "WEBP": Kind("WebP", (".webp",), alpha=True, animation=True, largest_side=16_383),
    "TIFF": Kind("TIFF", (".tif", ".tiff"), alpha=True, pages=True, deep=True),
    "GIF": Kind("GIF", (".gif",), alpha=True, animation=True, profile=False, largest_side=65_535),
    "BMP": Kind("BMP", (".bmp", ".dib"), profile=False),
    "AVIF": Kind("AVIF", (".avif", ".avifs"), alpha=True, animation=True, largest_side=65_536),
    "PPM": Kind("PPM", (".ppm", ".pgm", ".pnm"), profile=False, media_name="x-portable-anymap"),
    "HEIF": Kind("HEIC", (".heic", ".heif", ".hif"), alpha=True, deep=True, largest_side=65_536),
}

PHOTO_EXTENSIONS: frozenset[str] = frozenset(extension for kind in KINDS.values() for extension in kind.extensions)
"""Every extension that names a kind, lower case, with dot."""

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}

_AFTER_PORTABLE = (b" ", b"\t", b"\n", b"\r", b"#")

_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"8BPS", "a Photoshop document"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (b"FUJIFILMCCD-RAW", "a camera raw file"),
    (b"IIRO", "a camera raw file"),
    (b"IIU\x00", "a camera raw file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x1aE\xdf\xa3", "a video"),
)


def kind_of_extension(path: str | PathLike[str]) -> str | None:
    """The kind a file name asks for by its extension, in any case; None where it names none."""
    extension = PurePath(path).suffix.lower()
    return next((name for name, kind in KINDS.items() if extension in kind.extensions), None)


def kind_of_content(data: bytes) -> str | None:
    """The kind that the first bytes show, whatever the file is called; None where clearface reads no such kind."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if (
        data[:2] == b"BM"
        and len(data) >= 18
        and int.from_bytes(data[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)
    ):
        return "BMP"
    if data[:2] in (b"P2", b"P3", b"P5", b"P6") and data[2:3] in _AFTER_PORTABLE:
        return "PPM"
    brands = _file_type_brands(data)
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    return None


def describe_stranger(data: bytes) -> str:
    """What a file of no readable kind seems to be, with its article."""
    for start, description in _STRANGERS:
        if data.startswith(start):
            return description
    if _file_type_brands(data):
        return "a video"
    head = data[:4096]
    if b"<svg" in head:
        return "an SVG drawing"
    try:
        text = head.decode("utf-8", errors="strict" if len(data) <= 4096 else "ignore")
    except UnicodeDecodeError:
        return "of no kind of photo that is known here"
    if all(character.isprintable() or character in "\r\n\t\f\ufeff" for character in text):
        return "text"
    return "of no kind of photo that is known here"


def _file_type_brands(data: bytes) -> set[bytes]:
    """The brands in the `ftyp` box of an ISO media file; empty for any other."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), len(data), 512)
    return {data[8:12]} | {data[at : at + 4] for at in range(16, end - 3, 4)}
