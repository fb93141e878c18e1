"""`clearface demo`: the bundled sample, restored."""

import time
from collections.abc import Callable
from pathlib import Path

from clearface.batch import PhotoOptions, restore_file
from clearface.exit_codes import FAILED
from clearface.extras import Extras
from clearface.files.inputs import InputFile
from clearface.files.outputs import ExistingPolicy, PlannedOutput
from clearface.files.standard_output import Speaker, complain
from clearface.pipeline import Pipeline


def run_demo(folder: Path, pipeline: Callable[[], Pipeline], started: float) -> int:
    """Restores the blurred sample that ships with clearface into a folder, and says what was found out and where it lies."""
    from clearface.samples import sample_path

    sample = sample_path("astronaut_blurred.jpg")
    output = folder / "astronaut_restored.jpg"
    ready = pipeline()
    tells = ready.restorer.tells
    extras = Extras(comparison=True, kernels=tells.kernel, confidence=tells.confidence)
    options = PhotoOptions(extras=extras, check=tells.kernel, existing=ExistingPolicy.OVERWRITE)
    planned = PlannedOutput(InputFile(sample, Path(sample.name)), output)
    report = restore_file(planned, ready, options)
    if report.error is not None:
        complain(report.error)
        return FAILED
    speaker = Speaker(to_stdout=True)
    speaker.say(f"Blurred sample:  {sample}")
    for found in report.faces:
        box = found.face.box
        done = "left as it was" if found.left else f"restored at {found.working_size}x{found.working_size}"
        speaker.say(
            f"Found:           face {found.number}, {box.width:.0f}x{box.height:.0f} pixels at ({box.left:.0f}, {box.top:.0f}), "
            f"score {found.face.score:.2f}, {done}"
        )
        findings = found.findings()
        if findings is not None:
            speaker.say(f"Blur:            {findings}")
    speaker.say(
        f"Time:            {sum(report.seconds.values()):.2f} s, {time.perf_counter() - started:.2f} s with loading"
    )
    speaker.say(f"Result:          {output.resolve()}")
    for extra in report.extras:
        speaker.say(f"Beside it:       {Path(extra).resolve()}")
    if speaker.problem is not None:
        complain(speaker.problem)
        return FAILED
    return 0
