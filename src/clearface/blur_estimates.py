"""What is known of the blur of one face."""

from dataclasses import dataclass
from functools import cached_property

from clearface.arrays import DoubleArray
from clearface.faces import Face


@dataclass(frozen=True, eq=False)
class BlurEstimate:
    """The blur of one face, estimated or told."""

    kernel: DoubleArray
    """`(K, L)` float64, odd sides, non-negative, summing to 1: the point spread function in pixels of the face it belongs to."""

    certainty: float = 1.0
    """In [0, 1]: how much of the kernel is expected to lie where it is said to be; 1 where the kernel was told."""

    field: DoubleArray | None = None
    """`(2, 2, K, K)`, the kernels in the middles of the four quarters, where the blur varies over the face."""

    linear_light: bool = False
    """Whether it is the light that the kernel spreads, and not the sRGB values."""

    resolution: float = 1.0
    """Side in pixels of the face of the taps it was estimated in: nothing finer is known of the kernel."""


@dataclass(frozen=True, eq=False)
class FaceBlur:
    """How one face of a photo is blurred."""

    face: Face

    estimate: BlurEstimate
    """Its kernels in pixels of the photo."""

    @cached_property
    def words(self) -> str:
        """Such as "moved 17 px at 30 degrees, straight", lengths in pixels of the photo."""
        from clearface.point_spread_words import describe_kernel

        return describe_kernel(self.estimate.kernel, self.estimate.resolution).words
