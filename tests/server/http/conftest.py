"""One real desk for all tests of the HTTP layer: a worker process is started once."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from clearface.samples import sample_path
from clearface.server.dispatchers.local import LocalDispatcher
from clearface.server.http.app import create_app
from clearface.server.jobs.base import Desk
from clearface.server.jobs.desk import JobDesk
from clearface.server.settings import ServerSettings
from clearface.server.stores.folder import FolderStore


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ServerSettings:
    """As usual, in a folder of the tests'."""
    return ServerSettings(folder=tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="session")
def desk(settings: ServerSettings) -> Iterator[JobDesk]:
    """Works in one process."""
    assert settings.folder is not None
    store = FolderStore(settings.folder / "jobs")
    scratch = settings.folder / "scratch"
    scratch.mkdir()
    working = JobDesk(settings, store, LocalDispatcher(settings, store, scratch, workers=1, threads=1), scratch)
    while not working.load().ready:
        time.sleep(0.05)
    yield working
    working.close()


@pytest.fixture(scope="module")
def client(settings: ServerSettings, desk: JobDesk) -> FlaskClient:
    """Asks an app without limits on how often."""
    return create_app(replace(settings, requests_a_minute=0), desk).test_client()


@pytest.fixture
def client_with(settings: ServerSettings, desk: JobDesk) -> Callable[..., FlaskClient]:
    """Makes clients of apps with other settings, and another desk where one is given."""

    def make(other: Desk | None = None, **changes: object) -> FlaskClient:
        return create_app(replace(settings, **changes), desk if other is None else other).test_client()  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG with one blurred face."""
    return sample_path("astronaut_blurred.jpg").read_bytes()


@pytest.fixture
def jobs_folder(settings: ServerSettings) -> Path:
    """Where the desk keeps everything."""
    assert settings.folder is not None
    return settings.folder / "jobs"
