"""What a method takes: time, memory, multiplications, parameters, files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clearface.arrays import FloatArray
from clearface.evaluate.costs.measuring import REPEATS, measure_alone
from clearface.evaluate.costs.multiplications import count_network
from clearface.evaluate.results import Cost
from clearface.restorers.base import NetworkUse, Restorer
from clearface.weights import checksum


@dataclass(frozen=True)
class NetworkTotals:
    """What all networks of a method take together for one face; each is None where there are none."""

    multiplications: int | None
    """Multiply-accumulates of all runs; None too where a network has layers that are not counted."""

    parameters: int | None
    file_bytes: int | None
    """Of each file once, as are the parameters."""


def measure_cost(build: Callable[[], Restorer], faces: FloatArray, repeats: int = REPEATS) -> Cost:
    """What a restorer takes for one face of RGB float32 `faces` `(N, S, S, 3)` in [0, 1], N at least 1.

    Arguments and errors as in `measure_alone`; ModelError too where a network cannot be counted.
    """
    measured = measure_alone(build, faces, repeats)
    totals = count_networks(measured.networks)
    return Cost(
        faces.shape[1],
        measured.seconds,
        measured.peak_memory,
        totals.multiplications,
        totals.parameters,
        totals.file_bytes,
    )


def count_networks(uses: Sequence[NetworkUse]) -> NetworkTotals:
    """Adds up what a restorer says that one face goes through.

    What a method does besides, such as Fourier transforms, is not in it. Raises ModelError as `count_network`.
    """
    if not uses:
        return NetworkTotals(None, None, None)
    counts = [count_network(use.path, use.inputs) for use in uses]
    runs = [count.multiplications for count in counts]
    known = [run * use.times for run, use in zip(runs, uses, strict=True) if run is not None]
    parameters = {use.path: count.parameters for use, count in zip(uses, counts, strict=True)}
    return NetworkTotals(
        sum(known) if len(known) == len(runs) else None,
        sum(parameters.values()),
        sum(path.stat().st_size for path in parameters),
    )


def network_checksums(restorer: Restorer) -> dict[str, str]:
    """SHA-256 of each network file of a restorer, by its name, in the order in which they are used."""
    return {path.name: checksum(path) for path in dict.fromkeys(use.path for use in restorer.networks(1))}
