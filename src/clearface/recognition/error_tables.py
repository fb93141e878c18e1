"""How often an embedder is wrong, by the condition of a face: what thresholds, probabilities and expected errors are read off."""

import bisect
import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.embedders.base import Embedder
from clearface.errors import ModelError, UsageError
from clearface.files.atomic import write_atomically
from clearface.files.explanations import reason, shown
from clearface.recognition.base import Condition, Rate
from clearface.recognition.conditions import ConditionBin
from clearface.recognition.intervals import measured_rate
from clearface.typed_values import Reading, typed_value
from clearface.weights import weight_path

FORMAT = "clearface recognition errors 1"
"""Raised where an older reader would misunderstand a newer table."""

SHIPPED_TABLES = ("fusion.errors.json", "dlib.errors.json")
"""Of the embedders clearface measured itself, in `weights/`."""

LEAST_FALSE_MATCHES = 3
"""Expected among the pairs of strangers for a false-match rate to be read off them: from n pairs without a match, a rate of 3/n
cannot be excluded (the rule of three, Hanley and Lippman-Hand 1983)."""

_READING = Reading("a table of recognition errors", complete=True)
_LARGEST_FILE = 4 << 20
_ROUNDING = 1e-6


@dataclass(frozen=True)
class MeasuredDistances:
    """How the cosine distances of many pairs are spread: some of them, and how many are no greater."""

    count: int
    """Of all pairs."""

    distances: tuple[float, ...]
    """In [0, 2], rising; of float32, in no more digits than tell it from every other."""

    ranks: tuple[int, ...]
    """Of all pairs, how many are no further apart than that: rising, the last is `count`."""

    def __post_init__(self) -> None:
        pairs = zip(self.distances, self.distances[1:], strict=False), zip(self.ranks, self.ranks[1:], strict=False)
        if not self.distances or len(self.distances) != len(self.ranks) or self.ranks[-1] != self.count:
            raise ValueError("every distance has its rank, the last of which is the number of pairs")
        if not all(one < other for both in pairs for one, other in both) or self.ranks[0] < 1:
            raise ValueError("distances and ranks rise")
        if not (self.distances[0] >= -_ROUNDING and self.distances[-1] <= 2 + _ROUNDING):
            raise ValueError("cosine distances lie in 0 to 2")

    def within(self, distance: float) -> float:
        """How many pairs are no further apart than that; between two known numbers, interpolated evenly."""
        place = bisect.bisect_right(self.distances, distance)
        if place == 0:
            return 0.0
        if place == len(self.distances):
            return float(self.count)
        near, far = self.distances[place - 1], self.distances[place]
        return self.ranks[place - 1] + (self.ranks[place] - 1 - self.ranks[place - 1]) * (distance - near) / (
            far - near
        )

    def least_with(self, share: float) -> float:
        """The least known distance that this share of the pairs keeps within; the greatest of all where there are few."""
        return self.distances[bisect.bisect_left(self.ranks, share * self.count * (1 - _ROUNDING))]

    def greatest_with(self, share: float) -> float:
        """The greatest known distance that keeps no more than this share of the pairs within; without one, less than all."""
        place = bisect.bisect_right(self.ranks, share * self.count * (1 + _ROUNDING))
        return self.distances[place - 1] if place else self.distances[0] - _ROUNDING


@dataclass(frozen=True)
class Calibration:
    """How much a distance speaks for one person: `intercept + slope * distance`, within bounds, is a log-likelihood ratio."""

    intercept: float

    slope: float
    """Not above 0: the further apart, the less it is one person."""

    least: float
    greatest: float
    """Nothing speaks more strongly than as many pairs as were measured can."""

    def __post_init__(self) -> None:
        if self.slope > 0 or self.least > self.greatest:
            raise ValueError("what speaks for one person falls with the distance, between its bounds")


@dataclass(frozen=True)
class ConditionErrors:
    """What was measured on faces in one condition, each compared with sharp photos of the same person and of others."""

    bin: ConditionBin
    genuine: MeasuredDistances
    """Of two photos of one person."""

    impostors: MeasuredDistances
    """Of photos of two people."""

    calibration: Calibration

    @property
    def least_false_match_rate(self) -> float:
        """The lowest that can be read off as many pairs of strangers as there are."""
        return LEAST_FALSE_MATCHES / self.impostors.count

    def threshold(self, false_match_rate: float) -> float:
        """Greatest distance at which two photos are taken for one person, so that no more than this share of strangers is.

        Raises UsageError where the rate is not in 0 to 1, or below what the pairs can tell.
        """
        check_false_match_rate(false_match_rate)
        if false_match_rate < self.least_false_match_rate * (1 - _ROUNDING):
            raise UsageError(
                f"a false-match rate of {false_match_rate:g} cannot be told from {self.impostors.count:,} pairs of strangers,"
                f" as many as were measured of faces that are {self.bin.words}: {_rounded_up(self.least_false_match_rate):g}"
                " is the least"
            )
        return self.impostors.greatest_with(false_match_rate)

    def missed(self, threshold: float) -> Rate:
        """Of pairs of one person, how many are further apart than a threshold."""
        return measured_rate(self.genuine.count - self.genuine.within(threshold), self.genuine.count)

    def false_matches(self, threshold: float) -> Rate:
        """Of pairs of strangers, how many are no further apart than a threshold."""
        return measured_rate(self.impostors.within(threshold), self.impostors.count)

    def log_likelihood_ratio(self, distances: AnyArray) -> FloatArray:
        """How much cosine distances of any shape speak for one person and against two: natural logarithms, float32.

        Above 0 for one person; calibrated, so that the odds of it are multiplied with the exponential. They fall, or stay, with
        the distance.
        """
        own = self.calibration
        values = np.asarray(distances, np.float32) * np.float32(own.slope) + np.float32(own.intercept)
        return np.asarray(np.clip(values, np.float32(own.least), np.float32(own.greatest)), np.float32)


@dataclass(frozen=True)
class ErrorTable:
    """The errors of one embedder."""

    embedder: str
    """Its name, for people."""

    checksum: str
    """SHA-256 of its network or fitted model."""

    measured_on: str
    """Whose photos, in words."""

    cells: tuple[ConditionErrors, ...]

    def __post_init__(self) -> None:
        if not self.cells:
            raise ValueError("a table has one condition at least")

    def cell(self, condition: Condition) -> ConditionErrors:
        """What was measured on faces in that condition.

        Where none were, on those most like it among the faces that are no larger and no sharper; where there are none of these
        either, on the most blurred of the smallest faces that were.
        """
        for cell in self.cells:
            if cell.bin.holds(condition):
                return cell
        harder = [cell for cell in self.cells if cell.bin.no_easier(condition)]
        if harder:
            return min(harder, key=lambda cell: (_blur_rank(cell.bin), -cell.bin.size_from))
        return max(self.cells, key=lambda cell: (_blur_rank(cell.bin), -cell.bin.size_from))

    def words(self, condition: Condition) -> str:
        """Which faces `cell` answers with, in words; it says so where these are not in the same condition."""
        found = self.cell(condition).bin
        if found.holds(condition):
            return found.words
        if found.no_easier(condition):
            return f"{found.words}: the nearest that were measured"
        return f"{found.words}: none harder to recognize were measured, so that more errors are to be expected"

    @property
    def least_false_match_rate(self) -> float:
        """The lowest that can be read off for every condition."""
        return max(cell.least_false_match_rate for cell in self.cells)


def check_false_match_rate(rate: float) -> None:
    """Raises UsageError unless it lies between 0 and 1."""
    if not 0 < rate < 1:
        raise UsageError(f"a false-match rate lies between 0 and 1, not {rate:g}")


def load_error_table(embedder: Embedder, path: Path | None = None, method: str = "onnx") -> ErrorTable:
    """The measured errors of an embedder: from a file, or without one those that ship with clearface.

    method: the embedder's name as `--embedder` takes it, for the sentence. Raises ModelError where the file cannot be read or is
    of another embedder, and where none is given and none ships.
    """
    if path is not None:
        table = read_error_table(path)
        if table.checksum != embedder.checksum:
            raise ModelError(
                f"{shown(path)}: these are the errors of {table.embedder}, and the embedder is {embedder.name}:"
                f" measure its own with {_command(method)}"
            )
        return table
    for name in SHIPPED_TABLES:
        shipped = weight_path(name)
        if shipped.is_file():
            table = read_error_table(shipped)
            if table.checksum == embedder.checksum:
                return table
    raise ModelError(
        f"nobody has measured how often {embedder.name} is wrong, and without that no threshold can be told:"
        f" measure it with {_command(method)}, and give that with --error-table FILE.errors.json"
    )


def read_error_table(path: Path) -> ErrorTable:
    """A table from the file `write_error_table` wrote. Raises ModelError, naming it, where it cannot be read or is damaged."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ModelError(f"{shown(path)}: too large for a table of recognition errors")
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{shown(path)}: damaged, or no JSON at all") from error
    if not isinstance(values, dict) or "format" not in values:
        raise ModelError(f"{shown(path)}: this is no table of recognition errors")
    written = values.pop("format")
    if written != FORMAT:
        raise ModelError(f"{shown(path)}: this clearface reads {FORMAT!r}, not {written!r}")
    try:
        return typed_value(ErrorTable, values, _READING)
    except (ValueError, OverflowError) as error:
        raise ModelError(f"{shown(path)}: a damaged table of recognition errors: {error}") from error


def write_error_table(table: ErrorTable, path: Path, *, overwrite: bool = False) -> None:
    """Writes a table as JSON, a condition a line. Raises PhotoError where it cannot be written or exists already."""
    fields = dataclasses.asdict(table)
    cells = ",\n".join(json.dumps(cell, allow_nan=False, separators=(",", ":")) for cell in fields.pop("cells"))
    head = "".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in fields.items())
    text = f'{{"format": {json.dumps(FORMAT)},\n{head}"cells": [\n{cells}\n]}}\n'
    write_atomically(path, text.encode("utf-8"), overwrite=overwrite)


def _command(method: str) -> str:
    model = "" if method in ("fusion", "dlib", "lbp") else " --embedder-model FILE"
    return f"`clearface evaluate verification PEOPLE --embedder {method}{model} --save-table FILE.errors.json`"


def _blur_rank(own: ConditionBin) -> float:
    return math.inf if own.too_far_gone else own.blur_from


def _rounded_up(rate: float) -> float:
    """To two digits, so that it can be asked for as it is told."""
    step = 10.0 ** (math.floor(math.log10(rate)) - 1)
    return float(f"{math.ceil(rate / step - 1e-9) * step:.2g}")
