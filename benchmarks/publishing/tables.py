"""Results of `clearface evaluate` as Markdown tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from clearface.evaluate.costs.multiplications import count_network
from clearface.evaluate.gauges.base import Metric
from clearface.evaluate.results import Evaluation, FaceResult, Interval, SetFigure, Summary
from clearface.restorers.base import Restorer

_MEBIBYTE = 1 << 20
_MILLION = 1e6


@dataclass(frozen=True, eq=False)
class Lookup:
    """An evaluation, by test, method and metric."""

    evaluation: Evaluation

    def tests(self) -> list[str]:
        return [test.name for test in self.evaluation.tests]

    def methods(self, test: str) -> list[str]:
        """Of one test, the input first, then in the order they were asked for."""
        return list(dict.fromkeys(face.method for face in self.evaluation.faces if face.test == test))

    def summary(self, test: str, method: str, metric: str) -> Summary | None:
        for summary in self.evaluation.summaries:
            if (summary.test, summary.method, summary.metric) == (test, method, metric):
                return summary
        return None

    def metric(self, key: str) -> Metric:
        """Raises KeyError for one that was not measured."""
        for metric in (*self.evaluation.metrics, *self.evaluation.set_metrics):
            if metric.key == key:
                return metric
        raise KeyError(key)

    def faces(self, test: str, method: str) -> list[FaceResult]:
        return [face for face in self.evaluation.faces if (face.test, face.method) == (test, method)]

    def size(self, test: str) -> int:
        return next(face.size[0] for face in self.evaluation.faces if face.test == test)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines).replace("|  |", "| |").replace("|  |", "| |")


def with_interval(interval: Interval, digits: int, sign: bool = False) -> str:
    """Such as `+3.12 (2.95 to 3.30)`."""
    mark = "+" if sign else ""
    low, high = f"{interval.low:{mark}.{digits}f}", f"{interval.high:{mark}.{digits}f}"
    return f"{interval.mean:{mark}.{digits}f} ({low} to {high})"


def quality_table(found: Lookup) -> str:
    """PSNR and SSIM of every test and method, what is gained, for how many, and what else happens to the faces."""
    header = ["test", "size", "method", "PSNR dB", "gain dB", "SSIM", "gain", "better"]
    header += ["shift, mean / most", "left as it was"]
    rows = []
    for test in found.tests():
        for method in found.methods(test):
            psnr, ssim = found.summary(test, method, "psnr"), found.summary(test, method, "ssim")
            if psnr is None or ssim is None:
                continue
            row = [test, str(found.size(test)), method, f"{psnr.value.mean:.2f}", "", f"{ssim.value.mean:.3f}"]
            if psnr.gain is not None and ssim.gain is not None:
                row[4] = with_interval(psnr.gain, 2, sign=True)
                row += [f"{ssim.gain.mean:+.3f}", _percent(psnr.better), *_kept(found.faces(test, method))]
            rows.append([*row, *[""] * (len(header) - len(row))])
    return table(header, rows)


def means_table(found: Lookup, keys: Sequence[str]) -> str:
    """The mean of some metrics for every test and method; those that were not measured are left out."""
    measured = [found.metric(key) for key in keys if any(metric.key == key for metric in found.evaluation.metrics)]
    rows = []
    for test in found.tests():
        for method in found.methods(test):
            cells = [_mean(found.summary(test, method, metric.key), metric) for metric in measured]
            rows.append([test, method, *cells])
    return table(["test", "method", *(_heading(metric) for metric in measured)], rows)


def found_table(found: Lookup, detectors: Sequence[str]) -> str:
    """The share of faces that each detector finds, with intervals, and how far its landmarks are off."""
    titles = [found.metric(f"found_{name}").label.rpartition(" ")[2] for name in detectors]
    units = [found.metric(f"landmark_error_{name}").unit for name in detectors]
    header = ["test", "method", *(f"found by {title}" for title in titles)]
    header += [f"landmarks of {title}, off by {unit}" for title, unit in zip(titles, units, strict=True)]
    rows = []
    for test in found.tests():
        for method in found.methods(test):
            shares = [found.summary(test, method, f"found_{name}") for name in detectors]
            errors = [found.summary(test, method, f"landmark_error_{name}") for name in detectors]
            rows.append(
                [
                    test,
                    method,
                    *("" if share is None else with_interval(share.value, 2) for share in shares),
                    *("" if error is None else f"{error.value.mean:.1f} of {error.value.count}" for error in errors),
                ]
            )
    return table(header, rows)


def set_table(found: Lookup) -> str:
    """Every figure that belongs to all faces of a test together."""
    evaluation = found.evaluation
    rows = []
    for test in found.tests():
        figures = [figure for figure in evaluation.set_figures if figure.test == test]
        for method in dict.fromkeys(figure.method for figure in figures):
            by_metric = {figure.metric: figure for figure in figures if figure.method == method}
            cells = [_figure(by_metric.get(metric.key), metric) for metric in evaluation.set_metrics]
            rows.append([test, method, *cells])
    return table(["test", "method", *(_heading(metric) for metric in evaluation.set_metrics)], rows)


def cost_table(evaluations: Sequence[Evaluation]) -> str:
    """What each method takes for a face of each size; the first measurement of each counts."""
    header = ("method", "face", "seconds", "peak memory", "GMAC", "parameters", "files")
    rows: dict[tuple[str, int], list[str]] = {}
    for evaluation in evaluations:
        for method in evaluation.methods:
            for cost in method.costs:
                cells = [f"{cost.seconds:.3f}", f"{cost.peak_memory / _MEBIBYTE:.0f} MiB"]
                cells.append("" if cost.multiplications is None else f"{cost.multiplications / 1e9:.1f}")
                cells.append("" if cost.parameters is None else f"{cost.parameters / _MILLION:.2f} M")
                cells.append("" if cost.file_bytes is None else f"{cost.file_bytes / _MILLION:.1f} MB")
                rows.setdefault((method.name, cost.size), [method.name, str(cost.size), *cells])
    return table(header, rows.values())


def network_table(restorer: Restorer, sizes: Sequence[int]) -> str:
    """Each network of a restorer, by file, and how often it runs at most for a face of each size."""
    rows: dict[str, list[str]] = {}
    for place, size in enumerate(sizes):
        for use in restorer.networks(size):
            count = count_network(use.path, use.inputs)
            row = rows.setdefault(
                use.path.name,
                [use.path.name, f"{count.parameters / _MILLION:.2f} M", f"{use.path.stat().st_size / _MILLION:.1f} MB"]
                + [""] * len(sizes),
            )
            assert count.multiplications is not None
            shape = "x".join(str(side) for side in next(iter(use.inputs.values()))[2:])
            run = f"{use.times} x {count.multiplications / 1e9:.2f} at {shape}"
            row[3 + place] = f"{row[3 + place]}, {run}" if row[3 + place] else run
    return table(["network", "parameters", "file", *(f"GMAC for a face of {size}" for size in sizes)], rows.values())


def variants(found: Lookup, keys: Sequence[str]) -> str:
    """What exactly some metrics are, a line each."""
    lines = []
    for key in keys:
        if any(metric.key == key for metric in (*found.evaluation.metrics, *found.evaluation.set_metrics)):
            metric = found.metric(key)
            unit = f", in {metric.unit}" if metric.unit else ""
            lines.append(f"- {metric.label}{unit}, {_READ[metric.better.value]}: {metric.variant} ({metric.source}).")
    return "\n".join(lines)


_READ = {"higher": "higher is better", "lower": "lower is better", "neither": "neither way is better"}


def _kept(faces: Sequence[FaceResult]) -> list[str]:
    shifts = [value for face in faces if (value := face.values.get("colour_shift")) is not None]
    changed = [value for face in faces if (value := face.values.get("changed")) is not None]
    shift = f"{np.mean(shifts):.2f} / {np.max(shifts):.2f}" if shifts else ""
    return [shift, str(sum(value == 0 for value in changed)) if changed else ""]


def _mean(summary: Summary | None, metric: Metric) -> str:
    return "" if summary is None else f"{summary.value.mean:.{metric.digits}f}"


def _figure(figure: SetFigure | None, metric: Metric) -> str:
    if figure is None:
        return ""
    bounds = "" if figure.low is None else f" ({figure.low:.{metric.digits}f} to {figure.high:.{metric.digits}f})"
    return f"{figure.value:.{metric.digits}f}{bounds}"


def _heading(metric: Metric) -> str:
    return f"{metric.label} {metric.unit}".strip()


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}%"
