"""Shares of trials, with how far they can be trusted."""

import math

from clearface.recognition.base import Rate

_DEVIATIONS = 1.959963984540054
"""Of a normal distribution, within which 95% of it lie."""


def measured_rate(hits: float, trials: int) -> Rate:
    """`hits` of `trials` as a share with its interval of 95%, 0 <= low <= value <= high <= 1.

        (p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n)

    which is the score interval (Wilson 1927): it holds for rates near 0 and 1 too. hits need not be whole, where they were
    interpolated. Raises ValueError where there was no trial, or more hits than trials.
    """
    if trials < 1 or not 0 <= hits <= trials:
        raise ValueError(f"{hits} of {trials} is no share of trials")
    share, doubt = hits / trials, _DEVIATIONS**2 / trials
    middle = share + doubt / 2
    reach = _DEVIATIONS * math.sqrt(share * (1 - share) / trials + doubt / (4 * trials))
    low, high = (middle - reach) / (1 + doubt), (middle + reach) / (1 + doubt)
    return Rate(share, min(max(low, 0.0), share), max(min(high, 1.0), share), trials)
