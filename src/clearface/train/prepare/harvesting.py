"""Many photos harvested, one after the other or by several processes; those that were done before are passed over."""

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from clearface.detectors.registry import DetectorOptions, build_detector
from clearface.train.prepare.harvest import Tools, harvest_photo
from clearface.train.prepare.options import PrepareOptions
from clearface.train.prepare.parsing import FaceParser
from clearface.train.prepare.sources import SourcePhoto
from clearface.train.prepare.staging import stage, staged_path
from clearface.weights import checksum

_PHOTOS_AT_A_TIME = 16

Task = tuple[SourcePhoto, Path]
"""A photo, and the file that what it yields is staged in."""


def plan_tasks(photos: Sequence[SourcePhoto], folder: Path, options: PrepareOptions) -> list[Task]:
    """Where the yield of each photo lies, or is to lie."""
    network = None
    if options.parser is not None:
        FaceParser(options.parser)
        network = checksum(options.parser)
    return [(photo, staged_path(folder, photo, options, network)) for photo in photos]


def harvest_all(tasks: Sequence[Task], options: PrepareOptions, advance: Callable[[int], None]) -> None:
    """Stages what every photo yields; `advance` is told how many more are done. What it stages does not depend on `jobs`."""
    pending = [task for task in tasks if not task[1].exists()]
    advance(len(tasks) - len(pending))
    if options.jobs == 1:
        _harvest_some(pending, options, advance)
        return
    groups = [pending[start : start + _PHOTOS_AT_A_TIME] for start in range(0, len(pending), _PHOTOS_AT_A_TIME)]
    context = multiprocessing.get_context("spawn")  # threads of ONNX Runtime do not survive a fork
    executor = ProcessPoolExecutor(options.jobs, context, _leave_interrupts_to_the_parent)
    try:
        futures = {executor.submit(_harvest_some, group, options): len(group) for group in groups}
        for future in as_completed(futures):
            future.result()
            advance(futures[future])
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _harvest_some(tasks: Sequence[Task], options: PrepareOptions, advance: Callable[[int], None] | None = None) -> None:
    if not tasks:
        return
    detector = build_detector("centerface", DetectorOptions(threshold=options.threshold))
    tools = Tools(detector, None if options.parser is None else FaceParser(options.parser))
    for photo, path in tasks:
        stage(path, harvest_photo(photo, tools, options))
        if advance is not None:
            advance(1)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
