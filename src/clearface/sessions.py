"""ONNX Runtime sessions, opened one way everywhere."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from clearface.arrays import AnyArray
from clearface.errors import ModelError, UsageError

if TYPE_CHECKING:
    import onnxruntime

THREADS_VARIABLE = "CLEARFACE_THREADS"
"""Names in the environment how many threads a network may use."""

_SILENCE = "ORT_DISABLE_TELEMETRY"

METADATA_KEY = "clearface"
"""Where the metadata of an ONNX file says, as JSON, what clearface must know of its network."""


def open_session(path: Path, threads: int | None = None) -> "onnxruntime.InferenceSession":
    """Opens an ONNX file on the CPU.

    threads: for one operator; None takes as many as `CLEARFACE_THREADS` in the environment says, without it every core. Raises
    ModelError where the file is missing or no ONNX network.
    """
    if not path.is_file():
        raise ModelError(f"{path}: there is no such network file")
    # Releases of ONNX Runtime report home unless they are told otherwise before they are loaded: nothing leaves the machine here.
    os.environ[_SILENCE] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # With its own allocator a network takes two thirds of the time; tiles and batches of bounded size bound its memory.
    options.enable_cpu_mem_arena = True
    # Threads that spin while they wait take the cores from whatever else runs, the next network included.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    chosen = _threads_of_environment() if threads is None else threads
    if chosen is not None:
        options.intra_op_num_threads = chosen
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exceptions share no public base class
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"{path}: not an ONNX network that can be run here ({first_line})") from error


def _threads_of_environment() -> int | None:
    told = os.environ.get(THREADS_VARIABLE, "")
    if not told:
        return None
    if not told.isdecimal() or int(told) < 1:
        raise UsageError(f"{THREADS_VARIABLE} is a number of threads from 1 up, not {told!r}")
    return int(told)


def run_session(
    session: "onnxruntime.InferenceSession", path: Path, outputs: list[str], feed: Mapping[str, AnyArray]
) -> list[AnyArray]:
    """The outputs of those names. Raises ModelError, naming the file, where the network fails on what it is fed."""
    try:
        answers: list[AnyArray] = session.run(outputs, dict(feed))
    except Exception as error:  # ONNX Runtime's own exceptions share no public base class
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{path}: the network failed on a face ({first_line})") from error
    return answers
