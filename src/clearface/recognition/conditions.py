"""What of a face decides how well it can be recognized: its size and its blur, in bins of faces that are measured together."""

from dataclasses import dataclass

import numpy as np

from clearface.arrays import DoubleArray
from clearface.blur_estimates import BlurEstimate
from clearface.point_spread_geometry import tidied
from clearface.recognition.base import Condition
from clearface.verdicts import Verdict

_SIZES = (0.0, 40.0, 64.0, 100.0, 160.0)
"""Where the bins of size begin, in pixels of the photo for a side of the FFHQ square."""

_BLURS = (0.0, 0.02, 0.05, 0.09, 0.15)
"""Where the bins of blur begin, in sides of the FFHQ square."""


@dataclass(frozen=True)
class ConditionBin:
    """Faces of about one size and one blur; bounds as in `Condition`, the lower ones included."""

    size_from: float
    size_to: float | None
    """None for faces of any greater size."""

    blur_from: float = 0.0
    blur_to: float | None = None
    """None for any stronger blur."""

    too_far_gone: bool = False
    """Whether these are the faces nothing can be told of any more; `blur_from` and `blur_to` then say nothing."""

    def holds(self, condition: Condition) -> bool:
        """Whether a face in that condition belongs here."""
        return self._holds_size(condition.size) and self._holds_blur(condition.blur)

    def no_easier(self, condition: Condition) -> bool:
        """Whether no face in here is larger and sharper than one in that condition, but for the width of a bin."""
        small_enough = self.size_from <= condition.size
        if self.too_far_gone or condition.blur is None:
            return small_enough and self.too_far_gone
        return small_enough and (self.blur_to is None or condition.blur < self.blur_to)

    @property
    def words(self) -> str:
        """Such as "blurred over 2% to 5% of the face's square, squares of 64 to 100 pixels"."""
        return f"{self._blur_words}, {self._size_words}"

    @property
    def _blur_words(self) -> str:
        if self.too_far_gone:
            return "too far gone to tell their blur"
        if self.blur_to is None:
            return (
                "of any blur"
                if self.blur_from == 0
                else f"blurred over {self.blur_from:.0%} of the face's square or more"
            )
        if self.blur_from == 0:
            return f"sharp, or blurred over less than {self.blur_to:.0%} of the face's square"
        return f"blurred over {self.blur_from:.0%} to {self.blur_to:.0%} of the face's square"

    @property
    def _size_words(self) -> str:
        if self.size_to is None:
            return "of any size" if self.size_from == 0 else f"squares of {self.size_from:.0f} pixels and more"
        return f"squares of {self.size_from:.0f} to {self.size_to:.0f} pixels"

    def _holds_size(self, size: float) -> bool:
        return self.size_from <= size and (self.size_to is None or size < self.size_to)

    def _holds_blur(self, blur: float | None) -> bool:
        if blur is None or self.too_far_gone:
            return blur is None and self.too_far_gone
        return self.blur_from <= blur and (self.blur_to is None or blur < self.blur_to)


def _bins() -> tuple[ConditionBin, ...]:
    sizes = tuple(zip(_SIZES, (*_SIZES[1:], None), strict=True))
    blurs = tuple(zip(_BLURS, (*_BLURS[1:], None), strict=True))
    even = [ConditionBin(*size, *blur) for size in sizes for blur in blurs]
    return (*even, *(ConditionBin(*size, too_far_gone=True) for size in sizes))


CONDITION_BINS: tuple[ConditionBin, ...] = _bins()
"""Every condition lies in exactly one of them."""


def bin_of(condition: Condition) -> ConditionBin:
    """Where a face is counted. Raises ValueError where its size or blur is negative or no number."""
    for candidate in CONDITION_BINS:
        if candidate.holds(condition):
            return candidate
    raise ValueError(f"a face has a size and a blur of 0 or more, not {condition.size} and {condition.blur}")


def condition_of(
    native_size: float, estimate: BlurEstimate, square_side: int, verdict: Verdict | None = None
) -> Condition:
    """The condition of a face.

    native_size: side of its FFHQ square in pixels of the photo. estimate: its blur, kernels in pixels of a square of
    `square_side` pixels. verdict: what the restorer made of it: a face that is sharp has a blur of 0, one too far gone None; with
    any other, or none, the estimate counts: the `full_extent` of its kernel, the longest where it varies, by `square_side`.
    """
    if verdict is Verdict.SHARP:
        return Condition(native_size, 0.0)
    if verdict is Verdict.TOO_FAR_GONE:
        return Condition(native_size, None)
    kernels = [estimate.kernel]
    if estimate.field is not None:
        kernels = [kernel for row in estimate.field for kernel in row]
    return Condition(native_size, max(full_extent(kernel) for kernel in kernels) / square_side)


def full_extent(kernel: DoubleArray) -> float:
    """How far a kernel `(K, L)` spreads a point, in its taps: the length of the even line that deviates as its longest axis does.

        sqrt(12 * largest eigenvalue of the covariance of the light)

    A motion has the distance of its ends, an even disc 0.87 of its diameter, a Gaussian 3.5 of its deviations, a point 0. Faint
    light far out, which estimates have, is left aside.
    """
    clear = tidied(kernel)
    rows, columns = np.indices(clear.shape)
    places = np.stack([rows.ravel(), columns.ravel()]).astype(np.float64)
    light = clear.ravel() / clear.sum()
    away = places - (places @ light)[:, None]
    return float(np.sqrt(12 * max(np.linalg.eigvalsh((away * light) @ away.T)[-1], 0.0)))
