"""Which results of a job were fetched already, so that it can be forgotten once all were."""

import threading
from collections import OrderedDict

_MOST_JOBS = 4096


class FetchedResults:
    """Counts for this server alone; a job that is forgotten here too early is deleted when its time is over. Thread-safe."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[str, set[int]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, job_id: str, photo: int) -> frozenset[int]:
        """Notes that the result of a photo was sent whole, and hands back all those of its job."""
        with self._lock:
            numbers = self._numbers.setdefault(job_id, set())
            numbers.add(photo)
            self._numbers.move_to_end(job_id)
            while len(self._numbers) > _MOST_JOBS:
                self._numbers.popitem(last=False)
            return frozenset(numbers)

    def changed(self, job_id: str, photo: int) -> None:
        """There is a new result of a photo, which nobody fetched yet."""
        with self._lock:
            self._numbers.get(job_id, set()).discard(photo)

    def forget(self, job_id: str) -> None:
        """The job is gone."""
        with self._lock:
            self._numbers.pop(job_id, None)
