"""Real processes: two that share a batch, and one that is interrupted."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from clearface.train.engine.checkpoints import list_checkpoints, read_tensors

LAST = "checkpoint-00000004.safetensors"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "clearface", "train", "smfd", *(str(argument) for argument in arguments)]


def environment() -> dict[str, str]:
    """Without what a launcher of processes would have left there."""
    return {name: value for name, value in os.environ.items() if name not in {"LOCAL_RANK", "WORLD_SIZE"}}


def test_two_processes_learn_the_same_as_one_with_twice_the_batch(
    trained: Path, prepared_set: Path, tmp_path: Path
) -> None:
    """The adversarial stage: two optimizers, and networks that learn in one turn only. Gradients are exchanged by gloo."""
    weights = [trained / "kernel" / "mask_generator.safetensors", trained / "restore" / LAST]
    given = [part for path in weights for part in ("--from", path)]
    options = ("--stage", "detail", "--recipe", trained / "recipe.json", "--threads", 1, "--accelerator", "cpu")
    two = command(prepared_set, "--output", tmp_path, *options, *given, "--devices", 2)
    ended = subprocess.run(two, capture_output=True, text=True, env=environment(), check=False)
    assert ended.returncode == 0, ended.stderr
    assert "Starting with 2 processes" in ended.stderr
    assert ended.stdout.count("trained: detail") == 1
    ours, theirs = read_tensors(tmp_path / "detail" / LAST), read_tensors(trained / "detail" / LAST)
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        torch.testing.assert_close(ours[name], value, rtol=1e-3, atol=1e-5, msg=name)

    def losses(folder: Path) -> list[dict[str, float]]:
        with (folder / "detail" / "log.csv").open(newline="") as file:
            return [
                {name: float(value) for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)
            ]

    assert len(losses(tmp_path)) == 2
    for one, other in zip(losses(tmp_path), losses(trained), strict=True):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-6)


def test_ctrl_c_saves_a_checkpoint_and_the_exit_code_tells(
    prepared_set: Path, tiny_recipe: Path, invoke: Any, tmp_path: Path
) -> None:
    options = ("--stage", "parser", "--threads", 1, "--accelerator", "cpu")
    endless = command(prepared_set, "--output", tmp_path / "run", "--recipe", tiny_recipe, *options, "--steps", 10**6)
    with subprocess.Popen(
        endless, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("parser: step 2 of 1000000: loss ")
        process.send_signal(signal.SIGINT)
        _, problems = process.communicate(timeout=60)
    assert process.returncode == 130, problems
    (checkpoint,) = list_checkpoints(tmp_path / "run" / "parser")[-1:]
    done = int(checkpoint.stem.rpartition("-")[2])
    assert (
        f"clearface: stopped after step {done} of the stage parser; --resume goes on from the last checkpoint"
        in problems
    )
    ended = invoke("smfd", prepared_set, "--resume", checkpoint, *options, "--steps", done + 1)
    assert ended.error is None
    assert (tmp_path / "run" / "parser" / f"checkpoint-{done + 1:08d}.safetensors").is_file()
