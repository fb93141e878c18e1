"""Axes of charts: where a value lies, and which values are written beside them."""

import math
from dataclasses import dataclass

from clearface.evaluate.report.words import fixed


@dataclass(frozen=True)
class Tick:
    """A value written beside an axis."""

    place: float
    """In the units of the chart."""

    label: str


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` along the places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value lies, to hundredths."""
        low, high, at = (math.log10(bound) if self.logarithmic else bound for bound in (self.low, self.high, value))
        return round(self.start + (at - low) / (high - low) * (self.end - self.start), 2)

    def ticks(self) -> tuple[Tick, ...]:
        """Round values within the axis."""
        if self.logarithmic:
            values = _logarithmic_steps(self.low, self.high)
            return tuple(Tick(self.place(value), f"{value:g}") for value in values)
        step = _round_step((self.high - self.low) / 5)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(
            Tick(self.place(number * step), fixed(number * step, digits) if number else "0")
            for number in range(first, last + 1)
        )


def axis(values: list[float], start: float, end: float, *, zero: bool = False) -> Axis:
    """An axis with room around all values. zero: whether it holds zero in any case."""
    low, high = min(values), max(values)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    return Axis(low - room, high + room, start, end)


def logarithmic_axis(values: list[float], start: float, end: float) -> Axis:
    """An axis of orders of magnitude with room around all values, which are above 0; a whole order of them at least."""
    low, high = min(values) / 1.4, max(values) * 1.4
    widening = math.sqrt(max(1.0, 10 * low / high))
    return Axis(low / widening, high * widening, start, end, logarithmic=True)


def _round_step(wanted: float) -> float:
    """1, 2 or 5 times a power of ten, the least that is no smaller than what is wanted."""
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted * (1 - 1e-9))


def _logarithmic_steps(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1,) if math.log10(high / low) > 3 else (1, 3) if math.log10(high / low) > 1.5 else (1, 2, 5)
    values = [factor * 10.0**decade for decade in decades for factor in factors]
    return [value for value in values if low <= value <= high]
