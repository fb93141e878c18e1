"""Peak memory against what a process is known to have held."""

import subprocess
import sys
from pathlib import Path

import pytest

from clearface.evaluate.costs import memory

MEGABYTE = 1 << 20

PROGRAM = """
import numpy as np
from clearface.evaluate.costs.memory import peak_memory
before = peak_memory()
np.ones(300 << 20, np.uint8)
print(before, peak_memory())
"""


def test_the_peak_outlives_what_made_it() -> None:
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    before, after = (int(number) for number in answer.stdout.split())
    assert after - before == pytest.approx(300 * MEGABYTE, abs=30 * MEGABYTE)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no getrusage")
def test_without_the_mark_of_linux_the_usage_of_the_process_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmRSS:\t1 kB\n")
    assert memory._high_water_mark(status) is None
    assert memory._high_water_mark(tmp_path / "no status") is None
    status.write_text("Name:\tpython\nVmHWM:\t   2048 kB\n")
    assert memory._high_water_mark(status) == 2 * MEGABYTE
    monkeypatch.setattr(memory, "_high_water_mark", lambda _: None)
    assert 10 * MEGABYTE < memory.peak_memory() < 1 << 40
