"""EXIF and XMP as a file holds them, checked and made true for upright pixels."""

from dataclasses import dataclass

from clearface.photos.metadata import exif_resolution, upright_exif, upright_xmp


@dataclass(frozen=True)
class Tags:
    """What EXIF and XMP say."""

    exif: bytes | None
    xmp: bytes | None

    orientation: int
    """1 to 8; EXIF decides, XMP where EXIF is silent."""

    dpi: tuple[float, float] | None
    notes: tuple[str, ...]


def read_tags(exif: bytes | None, xmp: bytes | str | None) -> Tags:
    """Damaged EXIF is left out and noted, never a reason to refuse a photo."""
    notes: tuple[str, ...] = ()
    orientation, block, packet = 0, None, None
    if exif:
        try:
            upright = upright_exif(exif)
            block, orientation = upright.block, upright.orientation
        except ValueError:
            notes = ("the EXIF data is damaged and left out",)
    if xmp:
        upright = upright_xmp(xmp.encode() if isinstance(xmp, str) else xmp)
        packet, orientation = upright.block, orientation or upright.orientation
    return Tags(block, packet, orientation or 1, exif_resolution(block) if block else None, notes)
