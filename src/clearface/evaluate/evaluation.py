"""An evaluation from beginning to end: measure, sum up, write."""

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from clearface import __version__
from clearface.errors import DependencyError
from clearface.evaluate.engine import Measured, ShowProgress, measure
from clearface.evaluate.examples import choose_examples, make_example
from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.gauges.learned_weights import learned_weights
from clearface.evaluate.identities.people import find_people
from clearface.evaluate.machine import machine_facts, package_versions
from clearface.evaluate.measuring import Tools
from clearface.evaluate.method_facts import method_facts
from clearface.evaluate.planning import jobs_of, tests_of
from clearface.evaluate.recognizing import Recognition, recognize
from clearface.evaluate.recording import settings_record
from clearface.evaluate.report.page import render_report
from clearface.evaluate.result_files import RESULTS_CSV, RESULTS_JSON, write_results_csv, write_results_json
from clearface.evaluate.results import Evaluation, Example
from clearface.evaluate.set_figures import frechet_distances
from clearface.evaluate.settings import EvaluationSettings, RealFolder
from clearface.evaluate.store import Store
from clearface.evaluate.summaries import compare, summarize
from clearface.evaluate.workers import workers
from clearface.files.atomic import write_atomically

REPORT = "report.html"
COMPARED = ("psnr", "ssim", "niqe", "identity_angle")
"""The metrics in which methods are compared in pairs, where they are measured."""

_PACKAGES = ("jinja2", "onnx", "torch")


def evaluate(
    settings: EvaluationSettings, output: Path, command: str, worker_count: int, start_anew: bool, show: ShowProgress
) -> Evaluation:
    """Measures, and writes `report.html`, `results.json` and `results.csv` into a folder.

    What is done is kept there until all is done; the same settings go on with it, others are refused unless `start_anew`.
    command: what was typed. Raises UsageError, PhotoError and ModelError, each a sentence, as `clearface evaluate` tells them.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    ask_for_packages()
    settings, unavailable = _with_weights(settings)
    jobs = jobs_of(settings.source)
    people = () if settings.identities is None else find_people(settings.identities)
    tools = Tools(settings)
    _try_protocols(settings)
    recorded = settings_record(settings)
    store = Store(output, recorded, start_anew)
    with workers(worker_count) as pool:
        measured = measure(jobs, settings, store, pool, show)
        recognition = Recognition((), ())
        if people:
            recognition = recognize(people, settings, tools.embedder, store, pool, show)
        metrics = _measured_metrics(tools, measured)
        wanted = choose_examples(measured.rows, metrics, measured.units)
        with show("examples", len(wanted)) as advance:
            made = {}
            for job, example in pool.each(partial(make_example, settings), wanted):
                made[job] = example
                advance(1)
    fid_metrics, fid = frechet_distances(settings, measured)
    evaluation = Evaluation(
        command=command,
        version=__version__,
        started=started,
        settings=recorded,
        machine=machine_facts(),
        packages=package_versions(),
        sources=measured.sources,
        left_out=measured.left_out,
        tests=tests_of(settings, len({row.face for row in measured.rows})),
        methods=method_facts(settings, tools, measured, show),
        metrics=metrics,
        set_metrics=(*fid_metrics, *recognition.metrics),
        unavailable=unavailable | _without_values(tools, metrics),
        summaries=summarize(measured.rows, metrics, settings.seed),
        comparisons=compare(
            measured.rows, [key for key in COMPARED if any(key == m.key for m in metrics)], settings.seed
        ),
        set_figures=(*fid, *recognition.figures),
        faces=measured.rows,
    )
    _write(evaluation, [made[job] for job in wanted], output)
    store.remove()
    return evaluation


def ask_for_packages() -> None:
    """Raises DependencyError before anything is measured."""
    for package in _PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise DependencyError(
                f"clearface evaluate needs the Python package {package}: install it with `pip install 'clearface[evaluate]'`"
            )


def _with_weights(settings: EvaluationSettings) -> tuple[EvaluationSettings, dict[str, str]]:
    """The settings with the files of weights that were found, and what the other metrics need."""
    asked = settings.gauges
    found = learned_weights(asked.lpips_alex, asked.lpips_vgg, asked.inception)
    gauges = replace(asked, lpips_alex=found.alexnet, lpips_vgg=found.vgg16, inception=found.inception)
    unavailable = {} if isinstance(settings.source, RealFolder) else dict(found.unavailable)
    if asked.embedder is None:
        unavailable["Identity"] = "needs an embedder: --embedder dlib, or --embedder onnx --embedder-model FILE"
    return replace(settings, gauges=gauges), unavailable


def _try_protocols(settings: EvaluationSettings) -> None:
    """Draws each protocol once for nothing, so that what cannot be meant is said before the first photo."""
    if settings.tests:
        from clearface.degrade.protocols import draw_protocol, protocol_named

        for test in settings.tests:
            kernels = settings.kernels if protocol_named(test.protocol).from_file else None
            draw_protocol(test.protocol, [(settings.seed,)], kernels, float(test.size))


def _measured_metrics(tools: Tools, measured: Measured) -> tuple[Metric, ...]:
    """The columns in which at least one face has a value."""
    filled = {key for row in measured.rows for key, value in row.values.items() if value is not None}
    return tuple(metric for gauge in tools.gauges for metric in gauge.metrics if metric.key in filled)


def _without_values(tools: Tools, metrics: Sequence[Metric]) -> dict[str, str]:
    """Metrics that were asked for and that no face has."""
    return {
        metric.label: "no face measured here has a value"
        for gauge in tools.gauges
        for metric in gauge.metrics
        if metric not in metrics and metric.better is not Better.NEITHER
    }


def _write(evaluation: Evaluation, examples: Sequence[Example], output: Path) -> None:
    """All three files; `results.json`, which says that there are results, last."""
    write_atomically(output / REPORT, render_report(evaluation, examples).encode(), overwrite=True)
    write_results_csv(evaluation, output / RESULTS_CSV, overwrite=True)
    write_results_json(evaluation, output / RESULTS_JSON, overwrite=True)
