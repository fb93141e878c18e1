"""Desks on which something is wrong."""

from collections.abc import Sequence
from pathlib import Path

from clearface.server.jobs.base import Load, Upload
from clearface.server.jobs.states import JobState, PhotoState
from clearface.server.orders import FaceKey, PhotoTask


class TroubledDesk:
    """Answers everything with the same error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def submit(self, task: PhotoTask, uploads: Sequence[Upload], view: bool = False) -> JobState:
        raise self._error

    def state(self, job_id: str) -> JobState:
        raise self._error

    def wait(self, job_id: str, seconds: float) -> JobState:
        raise self._error

    def leave(self, job_id: str, photo: int, left: Sequence[FaceKey]) -> PhotoState:
        raise self._error

    def result(self, job_id: str, photo: int) -> bytes:
        raise self._error

    def picture(self, job_id: str, photo: int, name: str) -> bytes:
        raise self._error

    def archive(self, job_id: str, folder: Path) -> Path:
        raise self._error

    def delete(self, job_id: str) -> None:
        raise self._error

    @property
    def scratch(self) -> Path:
        raise self._error

    def load(self) -> Load:
        raise self._error

    def close(self) -> None:
        raise self._error
