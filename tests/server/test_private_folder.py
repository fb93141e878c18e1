"""Nobody else can look into the folder of uploads, and a crash leaves nothing for long."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from clearface.errors import ClearfaceError
from clearface.server.private_folder import PrivateFolder

HOLD = """
import sys, time
from pathlib import Path
from clearface.server.private_folder import PrivateFolder
folder = PrivateFolder(Path(sys.argv[1]))
(folder.folder("jobs") / "photo").write_bytes(b"private")
print(folder.path, flush=True)
time.sleep(60)
"""


def servers(place: Path) -> list[Path]:
    return sorted(place.glob("clearface*/server-*"))


def test_only_its_owner_can_enter_it_and_it_goes_at_the_end(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path)
    inside = folder.folder("jobs")
    (inside / "photo").write_bytes(b"private")
    for place in (folder.path, folder.path.parent, inside):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    folder.close()
    assert servers(tmp_path) == []


def test_what_a_killed_server_left_goes_at_the_next_start_and_what_a_living_one_uses_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as living:
        assert living.stdout is not None
        living_path = Path(living.stdout.readline().strip())
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
            assert killed.stdout is not None
            killed_path = Path(killed.stdout.readline().strip())
            killed.send_signal(signal.SIGKILL)
        assert (killed_path / "jobs" / "photo").exists()
        folder = PrivateFolder(tmp_path)
        assert servers(tmp_path) == sorted([folder.path, living_path])
        assert (living_path / "jobs" / "photo").read_bytes() == b"private"
        folder.close()
        living.kill()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="another system")
def test_a_folder_others_can_enter_is_refused(tmp_path: Path) -> None:
    PrivateFolder(tmp_path).close()
    (parent,) = tmp_path.iterdir()
    parent.chmod(0o755)
    with pytest.raises(ClearfaceError, match="this is not a folder only you can enter"):
        PrivateFolder(tmp_path)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="another system")
def test_a_link_somebody_laid_is_refused(tmp_path: Path) -> None:
    PrivateFolder(tmp_path / "first").close()
    (parent,) = (tmp_path / "first").iterdir()
    (tmp_path / "second").mkdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "second" / parent.name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ClearfaceError, match="this is not a folder only you can enter"):
        PrivateFolder(tmp_path / "second")


def test_a_place_that_cannot_hold_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ClearfaceError, match="no place for uploads can be made here"):
        PrivateFolder(tmp_path / "file")
