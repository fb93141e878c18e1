"""The faces worth looking at: those a method did best on, worst on, and one in between."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.groups import groups_of
from clearface.evaluate.measuring import tools_of
from clearface.evaluate.results import INPUT, RANKED_BY, Example, FaceResult
from clearface.evaluate.settings import EvaluationSettings
from clearface.evaluate.units import Unit


@dataclass(frozen=True, eq=False)
class ExampleJob:
    """One picture to make again."""

    unit: Unit
    """Of the one photo."""

    method: str
    rank: str
    face: str


def choose_examples(rows: Sequence[FaceResult], metrics: Sequence[Metric], units: Sequence[Unit]) -> list[ExampleJob]:
    """The best, median and worst face of each method in each test, by its gain, or its value where there is no input."""
    metric = next((metric for key in RANKED_BY for metric in metrics if metric.key == key), None)
    if metric is None:
        return []
    sign = -1.0 if metric.better is Better.LOWER else 1.0
    given = {(row.test, row.face): row.values.get(metric.key) for row in rows if row.method == INPUT}
    gains: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows:
        value, before = row.values.get(metric.key), given.get((row.test, row.face), 0.0)
        if row.method != INPUT and value is not None and before is not None:
            gains.setdefault((row.test, row.method), {})[row.face] = sign * (value - before)
    return [job for (test, method), own in gains.items() for job in _chosen(test, method, own, units)]


def _chosen(test: str, method: str, gains: Mapping[str, float], units: Sequence[Unit]) -> Iterator[ExampleJob]:
    ordered = sorted(gains, key=lambda face: (-gains[face], face))
    places = {len(ordered) // 2: "median", len(ordered) - 1: "worst", 0: "best"}  # of fewer than three faces each once
    for place, rank in sorted(places.items()):
        alone = (unit.only(ordered[place]) for unit in units if unit.test == test)
        yield ExampleJob(next(unit for unit in alone if unit.faces), method, rank, ordered[place])


def make_example(settings: EvaluationSettings, job: ExampleJob) -> Example:
    """The pictures of a job, for a worker process."""
    tools = tools_of(settings)
    methods = [method for method in tools.methods if method.spec.name == job.method]
    for group in groups_of(job.unit, settings, methods):
        if job.face not in group.names:
            continue
        place = group.names.index(job.face)
        for name, batch in group.shown():
            if name == job.method:
                before = None if batch.before is None else batch.before[place]
                sharp = None if group.sharp is None else group.sharp[place]
                return Example(job.unit.test, job.method, job.rank, job.face, before, batch.after[place], sharp)
    raise ValueError(f"{job.method} is no method that leaves anything of {job.face}")
