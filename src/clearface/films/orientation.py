"""Which way up a film is shown, as its display matrix says."""

from dataclasses import dataclass
from struct import unpack

from clearface.arrays import AnyArray
from clearface.squares import Region

_ONE = 1 << 16


@dataclass(frozen=True)
class Orientation:
    """One of the eight ways of laying a stored picture down: turned over its diagonal first, then flipped."""

    transposed: bool = False
    flipped_across: bool = False
    """Left and right change places, after transposing."""

    flipped_down: bool = False

    @property
    def upright(self) -> bool:
        """Nothing is to be done."""
        return self == Orientation()

    def turned_size(self, width: int, height: int) -> tuple[int, int]:
        """The upright size of a stored one, and the other way round."""
        return (height, width) if self.transposed else (width, height)

    def shown(self, stored: AnyArray) -> AnyArray:
        """A view of a stored picture `(H, W, ...)` as it is to be seen."""
        picture = stored.swapaxes(0, 1) if self.transposed else stored
        if self.flipped_down:
            picture = picture[::-1]
        return picture[:, ::-1] if self.flipped_across else picture

    def stored(self, shown: AnyArray) -> AnyArray:
        """The way back: a view of an upright picture as it is stored."""
        picture = shown[:, ::-1] if self.flipped_across else shown
        if self.flipped_down:
            picture = picture[::-1]
        return picture.swapaxes(0, 1) if self.transposed else picture

    def stored_region(self, region: Region, width: int, height: int) -> Region:
        """Where a region of the upright picture, `width` by `height`, lies in the stored one."""
        left, right = region.left, region.right
        top, bottom = region.top, region.bottom
        if self.flipped_across:
            left, right = width - right, width - left
        if self.flipped_down:
            top, bottom = height - bottom, height - top
        return Region(top, left, bottom, right) if self.transposed else Region(left, top, right, bottom)


UPRIGHT = Orientation()


def orientation_of(matrix: bytes | None) -> Orientation:
    """What a display matrix of nine 16.16 numbers (ISO/IEC 14496-12, 8.2.2) asks for; upright where it is no right angle."""
    if matrix is None or len(matrix) < 36:
        return UPRIGHT
    values = unpack("=9i", matrix[:36])
    a, b, c, d = (round(values[place] / _ONE) for place in (0, 1, 3, 4))
    if a == d == 0 and b and c:
        return Orientation(True, c < 0, b < 0)
    if b == c == 0 and a and d:
        return Orientation(False, a < 0, d < 0)
    return UPRIGHT
