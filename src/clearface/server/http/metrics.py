"""Figures for Prometheus."""

import threading
from collections import OrderedDict
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clearface.errors import ClearfaceError
from clearface.server.jobs.base import Desk
from clearface.server.jobs.states import JobState, PhotoState, Stage
from clearface.server.orders import Task

_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
_MOST_JOBS = 4096


class Metrics:
    """What one app counts. Safe to use from many threads."""

    def __init__(self, desk: Desk) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "clearface_http_requests",
            "Requests answered, by the pattern of their address.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "clearface_http_request_seconds",
            "Seconds from a request to the beginning of its answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._photos = Counter(
            "clearface_photos",
            "Photos that are over, as far as anybody asked what became of them.",
            ("task", "outcome"),
            registry=self._registry,
        )
        self._seen: OrderedDict[str, set[int]] = OrderedDict()
        self._lock = threading.Lock()
        self._registry.register(_LoadCollector(desk))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request. method: one of a few words. route: the pattern, never the address itself."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def refused(self, task: Task) -> None:
        """Counts a photo that was not even begun."""
        self._photos.labels(task.value, "refused").inc()

    def seen(self, job: JobState) -> None:
        """Counts the photos of a job that are over, each once."""
        over = {photo.number: photo for photo in job.photos if photo.stage.over}
        with self._lock:
            known = self._seen.setdefault(job.job_id, set())
            fresh = [photo for number, photo in over.items() if number not in known]
            known.update(over)
            self._seen.move_to_end(job.job_id)
            while len(self._seen) > _MOST_JOBS:
                self._seen.popitem(last=False)
        for photo in fresh:
            self._photos.labels(job.task.task.value, _outcome(photo)).inc()

    def as_text(self) -> bytes:
        """In the text format 0.0.4 of Prometheus."""
        return generate_latest(self._registry)


class _LoadCollector(Collector):
    """Asks the desk at each scrape."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def describe(self) -> Iterator[Metric]:
        """Names without asking anybody."""
        for name, told in _GAUGES.items():
            yield GaugeMetricFamily(name, told)

    def collect(self) -> Iterator[Metric]:
        try:
            load = self._desk.load()
        except ClearfaceError:  # the queue is away: that, and nothing else, is known
            yield GaugeMetricFamily("clearface_ready", _GAUGES["clearface_ready"], 0)
            return
        values = (load.waiting, load.working, load.workers, int(load.ready))
        for (name, told), value in zip(_GAUGES.items(), values, strict=True):
            yield GaugeMetricFamily(name, told, value)


_GAUGES = {
    "clearface_photos_waiting": "Photos that wait to be worked on.",
    "clearface_photos_working": "Photos that are worked on.",
    "clearface_workers": "Processes that work on photos.",
    "clearface_ready": "1 where photos would be worked on now.",
}


def _outcome(photo: PhotoState) -> str:
    if photo.stage is Stage.FAILED or photo.outcome is None or photo.outcome.report is None:
        return Stage.FAILED.value
    return str(photo.outcome.report.get("status", Stage.DONE.value))
