"""What the tests of files share."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

NOBODY = 65534


@contextmanager
def _without_privileges() -> Iterator[None]:
    """The superuser may read and write everything, so that permissions would not be tested."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def unprivileged() -> Callable[[], AbstractContextManager[None]]:
    """A context manager in which file permissions count."""
    return _without_privileges


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that everybody reaches and writes to, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
