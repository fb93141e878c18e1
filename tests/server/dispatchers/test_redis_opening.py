import importlib.util

import pytest

from clearface.errors import DependencyError, UsageError
from clearface.server.dispatchers.redis_opening import open_queue
from clearface.server.settings import ServerSettings
from clearface.server.stores.folder import FolderStore
from clearface.server.worker_command import run_worker


@pytest.mark.parametrize("missing", ["redis", "rq"])
def test_what_is_missing_is_named(missing: str, tmp_path, monkeypatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "clearface.server.dispatchers.redis_opening.find_spec", lambda name: None if name == missing else find(name)
    )
    settings = ServerSettings(queue_url="redis://localhost", store=str(tmp_path))
    with pytest.raises(DependencyError, match=r'pip install "clearface\[queue\]"'):
        open_queue(settings, FolderStore(tmp_path))
    with pytest.raises(DependencyError, match=r'pip install "clearface\[queue\]"'):
        run_worker(settings)


def test_a_worker_needs_a_queue_and_a_store(tmp_path) -> None:
    for settings in (ServerSettings(queue_url="redis://localhost"), ServerSettings(store=str(tmp_path))):
        with pytest.raises(UsageError, match="CLEARFACE_QUEUE"):
            run_worker(settings)
