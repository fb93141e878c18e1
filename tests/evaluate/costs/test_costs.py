"""Costs of whole methods, added up."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from clearface.evaluate.costs.costs import NetworkTotals, count_networks, measure_cost, network_checksums
from clearface.restorers.base import NetworkUse
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.restorers.smfd.description import FAITHFUL_FILE, KERNEL_FILE, READER_FILE
from clearface.weights import shipped_weights, weight_path

MILLION = 1_000_000


def test_the_default_restorer_takes_what_its_networks_take() -> None:
    """The figures of `docs/benchmarks.md` for each network, times its runs at 256 pixels."""
    totals = count_networks(build_restorer("smfd").networks(256))
    reader, kernel, deblurring = 0.65e9, 0.11e9, 0.52e9
    # The whole face and a closer look at 128 pixels, then all of it at 256; its blur by five looks and one closer.
    assert totals.multiplications == pytest.approx((2 + 4) * reader + (5 + 1) * kernel + 4 * deblurring, rel=0.01)
    assert totals.parameters == pytest.approx((1.78 + 0.51 + 1.87) * MILLION, rel=0.01)
    assert totals.file_bytes == sum(
        weight.bytes for weight in shipped_weights() if weight.file in (READER_FILE, KERNEL_FILE, FAITHFUL_FILE)
    )


def test_a_file_counts_once_and_its_runs_each() -> None:
    path = weight_path(KERNEL_FILE)
    use = NetworkUse(path, {"evidence": (1, 5, 37, 37)})
    once = count_networks([use])
    assert once.multiplications is not None
    assert count_networks([use, NetworkUse(path, use.inputs, 3)]) == NetworkTotals(
        4 * once.multiplications, once.parameters, path.stat().st_size
    )


def test_no_networks_cost_nothing_that_could_be_counted() -> None:
    assert count_networks([]) == NetworkTotals(None, None, None)


def test_a_cost_names_the_size_it_was_measured_at() -> None:
    faces = np.random.default_rng(0).random((1, 48, 48, 3), dtype=np.float32)
    cost = measure_cost(partial(build_restorer, "wiener", RestorerOptions("box:3")), faces, repeats=1)
    assert cost.size == 48
    assert cost.seconds > 0
    assert cost.peak_memory > 10 * MILLION
    assert (cost.multiplications, cost.parameters, cost.file_bytes) == (None, None, None)


def test_checksums_are_those_of_the_index() -> None:
    index = {weight.file: weight.sha256 for weight in shipped_weights()}
    found = network_checksums(build_restorer("smfd"))
    assert list(found) == [READER_FILE, KERNEL_FILE, FAITHFUL_FILE]
    assert found == {name: index[Path(name).name] for name in found}
    assert network_checksums(build_restorer("identity")) == {}
