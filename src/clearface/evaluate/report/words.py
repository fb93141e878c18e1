"""Numbers and names as a page shows them."""

import math
import re
from collections.abc import Sequence

from clearface.evaluate.gauges.base import Better, Metric

MISSING = "\N{EN DASH}"
"""Where there is no number."""


def fixed(value: float | None, digits: int) -> str:
    """With so many places after the point, and a true minus sign; a dash for None, NaN and infinities."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if _is_nothing(text) else text.replace("-", "\N{MINUS SIGN}")


def signed(value: float | None, digits: int) -> str:
    """`fixed` with a plus sign where it is more than nothing."""
    text = fixed(value, digits)
    if value is None or not math.isfinite(value) or value <= 0 or _is_nothing(text):
        return text
    return f"+{text}"


def share(fraction: float | None) -> str:
    """A share in [0, 1] as a percentage; never 0% or 100% unless it is."""
    if fraction is None or not math.isfinite(fraction):
        return MISSING
    if 0 < fraction < 0.005:
        return "<1%"
    if 0.995 < fraction < 1:
        return ">99%"
    return f"{fraction:.0%}"


def p_value(value: float) -> str:
    """Three places, and no less than 0.001."""
    if not math.isfinite(value):
        return MISSING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def seconds(value: float) -> str:
    """Three significant digits, in milliseconds below 0.1 s."""
    if not math.isfinite(value):
        return MISSING
    return f"{_significant(value * 1000)} ms" if value < 0.1 else f"{_significant(value)} s"


def data_size(value: int | None) -> str:
    """Bytes, in powers of 1000."""
    return MISSING if value is None else _scaled(value, ("bytes", "kB", "MB", "GB", "TB"))


def count_in_words(value: int | None) -> str:
    """A large number, in thousands, millions and so on."""
    return MISSING if value is None else _scaled(value, ("", "k", "M", "G", "T")).rstrip()


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 face`, `1,250 faces`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def reading(metric: Metric) -> str:
    """Which way a metric is read, in words."""
    return {
        Better.HIGHER: "higher is better",
        Better.LOWER: "lower is better",
        Better.NEITHER: "neither way is better",
    }[metric.better]


def breakable(name: str) -> str:
    """A name as HTML that may go on in the next line after a colon, a comma or an equals sign, never inside a number."""
    from markupsafe import Markup, escape

    pieces = re.split(r"(?<=[:,=])", name)
    return Markup("<wbr>").join(escape(piece) for piece in pieces)


def _is_nothing(text: str) -> bool:
    return not any(letter in "123456789" for letter in text)


def _significant(value: float) -> str:
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 9)}f}"


def _scaled(value: int, units: tuple[str, ...]) -> str:
    scaled = float(value)
    for unit in units[:-1]:
        if scaled < 1000:
            return f"{value} {unit}" if unit == units[0] else f"{_significant(scaled)} {unit}"
        scaled /= 1000
    return f"{_significant(scaled)} {units[-1]}"
