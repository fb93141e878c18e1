"""What is told of the machine, and what is not."""

import os
import platform
import re
import socket
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from clearface.evaluate import machine
from clearface.evaluate.machine import machine_facts, package_versions


def test_the_machine_is_described() -> None:
    facts = machine_facts()
    assert facts["processor"]
    assert re.fullmatch(r"\d+( of \d+)?", facts["cores"])
    assert facts["system"].startswith(platform.system())
    assert next(iter(facts)) == "processor"


@pytest.mark.skipif(not Path("/proc/meminfo").is_file(), reason="another system")
def test_the_memory_is_what_the_system_says() -> None:
    (line,) = (line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    assert machine_facts()["memory"] == f"{int(line.split()[1]) / (1 << 20):.0f} GiB"


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="another system")
def test_cores_that_may_not_be_used_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 2, 5})
    assert machine_facts()["cores"] == "3 of 8"
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert machine_facts()["cores"] == "8"


def test_packages_have_the_versions_that_run() -> None:
    versions = package_versions()
    assert versions["python"] == platform.python_version()
    assert versions["numpy"] == np.__version__
    assert versions["onnxruntime"] == onnxruntime.__version__
    assert set(versions) <= {"python", *machine.PACKAGES}


def test_packages_that_are_missing_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PACKAGES", ("numpy", "no-such-package"))
    assert list(package_versions()) == ["python", "numpy"]


def test_nothing_tells_whose_machine_it_is() -> None:
    told = " ".join([*machine_facts().values(), *package_versions().values()])
    assert not re.search(rf"(^|\W){re.escape(socket.gethostname())}($|\W)", told)
    assert "/" not in told
