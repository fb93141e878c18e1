"""Measures everything that docs/benchmarks.md says, and writes it.

    make benchmark DATA=folder
    python -m benchmarks.publish DATA

DATA holds faces/all-age-faces/val, faces/celebamask-hq/images, kernels/Levin09.mat and identity/orl. It takes about half an hour
on two cores; what is measured stays in the folder `--work`, from where a stopped run goes on with `--go-on`.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.publishing.document import Published, render
from benchmarks.publishing.runs import RUNS, measure, measure_speed, missing_data

from clearface.evaluate.result_files import RESULTS_JSON, read_results_json
from clearface.files.atomic import write_atomically
from clearface.restorers.registry import DEFAULT_RESTORER, build_restorer

PROJECT = Path(__file__).parents[1]
_TAKEN = "taken.json"
_SPEED = "speed"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures everything that docs/benchmarks.md says, and writes it.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--work", type=Path, default=PROJECT / "build" / "benchmarks", help="where results are kept")
    parser.add_argument("--page", type=Path, default=PROJECT / "docs" / "benchmarks.md", help="what is written")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--go-on", action="store_true", help="keep what a run that was stopped has measured")
    parser.add_argument("--render", action="store_true", help="only write the page anew from what was measured")
    arguments = parser.parse_args()
    if not arguments.render:
        missing = missing_data(arguments.data)
        if missing:
            sys.exit(f"publish: {arguments.data}: there is no {', no '.join(missing)}")
        measure_everything(arguments.data, arguments.work, arguments.workers, arguments.go_on)
    taken = read_taken(arguments.work)
    published = Published(
        {run.name: read_results_json(arguments.work / run.name / RESULTS_JSON) for run in RUNS},
        taken["speed"],
        sum(taken["seconds"].values()),
        build_restorer(DEFAULT_RESTORER),
    )
    write_atomically(arguments.page, render(published).encode(), overwrite=True)
    print(f"{arguments.page}: written, {published.seconds / 60:.0f} minutes measured")


def measure_everything(data: Path, work: Path, workers: int, go_on: bool) -> None:
    """Speed first, then every run; what each took is noted as soon as it is done."""
    work.mkdir(parents=True, exist_ok=True)
    nothing: dict[str, Any] = {"seconds": {}, "speed": ""}
    taken = read_taken(work) if go_on and (work / _TAKEN).is_file() else nothing
    for name in (_SPEED, *(run.name for run in RUNS)):
        if name in taken["seconds"]:
            continue
        started = time.perf_counter()
        if name == _SPEED:
            taken["speed"] = measure_speed(PROJECT / "benchmarks" / "speed.py")
        else:
            measure(next(run for run in RUNS if run.name == name), data, work / name, workers)
        taken["seconds"][name] = time.perf_counter() - started
        write_atomically(work / _TAKEN, (json.dumps(taken, indent=2) + "\n").encode(), overwrite=True)
        print(f"{name}: {taken['seconds'][name] / 60:.1f} minutes", flush=True)


def read_taken(work: Path) -> dict[str, Any]:
    """The seconds of each part by its name, and the table of speed."""
    taken: dict[str, Any] = json.loads((work / _TAKEN).read_text(encoding="utf-8"))
    return taken


if __name__ == "__main__":
    main()
