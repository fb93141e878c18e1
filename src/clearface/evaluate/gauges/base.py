"""What measures faces: each gauge fills in one or more columns of the table."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from clearface.arrays import DoubleArray, FloatArray
from clearface.blur_estimates import BlurEstimate


class Better(enum.Enum):
    """Which way a metric is read."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"
    """It says something about the faces and not how good they are."""


@dataclass(frozen=True)
class Metric:
    """One column of the table."""

    key: str
    """What it is called in files, such as `psnr`: lower case, digits and underscores."""

    label: str
    """What it is called on pages, such as `PSNR`."""

    unit: str
    """Such as `dB`, `degrees`; empty for a bare number."""

    better: Better
    variant: str
    """Everything needed to compare the figure with another paper's, such as `RGB, nothing cropped, data range 1`."""

    source: str
    """The paper or standard."""

    digits: int = 3
    """Places after the point in tables."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Faces as one method left them, pictures of one size."""

    after: FloatArray
    """RGB float32 `(N, H, W, 3)` in [0, 1]: what is measured."""

    before: FloatArray | None = None
    """The same faces as the method was given them; None where that is not known, as for another program's results."""

    error: FloatArray | None = None
    """`(N, H, W)`: the error in brightness that the method says nine pixels of ten stay below, where it says so."""

    estimates: tuple[BlurEstimate | None, ...] | None = None
    """The blur the method undid, kernels in pixels of the faces; None in place of a face that it left as it was."""


Measure = Callable[[Batch], Mapping[str, DoubleArray]]
"""From faces to the values of each metric by key, `(N,)` float64, NaN where a face has none."""


class Gauge(Protocol):
    """Measures faces, beside their sharp twins where there are any."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The columns it fills in; the same whatever it is given."""
        ...

    def against(self, sharp: FloatArray | None) -> Measure:
        """A measure of batches of the same faces as RGB float32 `sharp` `(N, H, W, 3)` in [0, 1].

        What is to be known of the sharp faces is worked out once here, for all methods. sharp: None where there are no sharp
        twins; metrics that need them are NaN then. A face's values do not depend on the others of the batch.
        """
        ...
