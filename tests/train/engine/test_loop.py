"""The loop with a real network: it learns, resumes bit for bit, stops when asked, and says what goes wrong."""

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file

from clearface.errors import ModelError
from clearface.train.engine.checkpoints import list_checkpoints, read_progress, read_tensors
from clearface.train.engine.loop import OptimizerRecipe, TrainingError


def same_tensors(first: Path, second: Path) -> bool:
    """Whether two files hold the same tensors, bit for bit; more than one, to be sure."""
    ours, theirs = read_tensors(first), read_tensors(second)
    assert len(ours) > 1
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("adversarial", [False, True])
def test_a_resumed_run_ends_bit_for_bit_like_an_unbroken_one(runner: Any, tmp_path: Path, adversarial: bool) -> None:
    runner.run(tmp_path / "whole", adversarial=adversarial)
    half = tmp_path / "whole" / "checkpoint-00000003.safetensors"
    runner.run(tmp_path / "resumed", adversarial=adversarial, resume=half, workers=2)
    end = "checkpoint-00000006.safetensors"
    names = read_tensors(tmp_path / "whole" / end).keys()
    assert {name.partition("/")[0] for name in names} == {"network", "averaged", "optimizer"}
    assert any(name.startswith("optimizer/critic/critic.0.weight/") for name in names) == adversarial
    assert same_tensors(tmp_path / "whole" / end, tmp_path / "resumed" / end)
    assert same_tensors(tmp_path / "whole" / "restorer.safetensors", tmp_path / "resumed" / "restorer.safetensors")
    assert not same_tensors(half.with_name(end), half)

    def lines(folder: str) -> list[dict[str, str]]:
        with (tmp_path / folder / "log.csv").open(newline="") as file:
            return [row | {"seconds": ""} for row in csv.DictReader(file) if int(row["step"]) > 3]

    assert lines("whole") == lines("resumed"), "the line after the resumption tells of the step before it too"


def test_what_a_run_writes(runner: Any, tmp_path: Path) -> None:
    outcome = runner.run(tmp_path)
    assert not outcome.interrupted
    assert outcome.progress.faces_seen == 24
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["2", "4", "6"]
    assert rows[-1]["faces_seen"] == "24"
    assert float(rows[0]["learning_rate"]) == pytest.approx(1e-3)
    assert 0 < float(rows[0]["error"]) < float(rows[0]["loss"]) < 1
    assert [line.partition(",")[0] for line in (tmp_path / "validation.csv").read_text().split()] == ["step", "3", "6"]
    with Image.open(tmp_path / "pictures" / "step-00000006.png") as sheet:
        assert sheet.size == (3 * 16 + 4, 2 * 16 + 2)
    with safe_open(tmp_path / "checkpoint-00000006.safetensors", framework="pt") as file:
        assert json.loads(file.metadata()["clearface"])["recipe"] == {"a": 1}
    assert not list(tmp_path.rglob("*.tmp"))


def test_training_lessens_the_error(runner: Any, tmp_path: Path) -> None:
    runner.run(tmp_path, steps=80, optimizer=OptimizerRecipe(learning_rate=1e-2))
    with (tmp_path / "validation.csv").open(newline="") as file:
        errors = [float(row["error"]) for row in csv.DictReader(file)]
    assert errors[-1] < 0.9 * errors[0]


def test_only_the_last_checkpoints_are_kept(runner: Any, tmp_path: Path) -> None:
    runner.run(tmp_path, steps=10)
    assert [path.stem for path in list_checkpoints(tmp_path)] == ["checkpoint-00000009", "checkpoint-00000010"]


def test_ctrl_c_ends_the_step_saves_and_the_run_can_go_on(runner: Any, tmp_path: Path) -> None:
    def press(step: int) -> None:
        if step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    outcome = runner.run(tmp_path / "stopped", during=press)
    assert outcome.interrupted
    assert outcome.progress.step == 4
    assert signal.getsignal(signal.SIGINT) is before
    stopped = tmp_path / "stopped" / "checkpoint-00000004.safetensors"
    assert not runner.run(tmp_path / "stopped", resume=stopped).interrupted
    runner.run(tmp_path / "whole")
    end = "checkpoint-00000006.safetensors"
    assert same_tensors(tmp_path / "whole" / end, tmp_path / "stopped" / end)


def test_a_second_ctrl_c_does_not_wait(runner: Any, tmp_path: Path) -> None:
    def press_twice(_step: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        runner.run(tmp_path, during=press_twice)


def test_a_loss_that_is_no_number_stops_and_names_the_way_back(runner: Any, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"^sharpen: the loss of step 1 is nan: lower the learning rate$"):
        runner.run(tmp_path, loss_scale=float("nan"))
    assert not list_checkpoints(tmp_path)
    runner.run(tmp_path, steps=3)
    with pytest.raises(TrainingError, match=r"step 4 is inf: .*, and go on from .*checkpoint-00000003.* with --resume"):
        runner.run(tmp_path, loss_scale=float("inf"), steps=9, resume=tmp_path / "checkpoint-00000003.safetensors")
    assert [read_progress(path).step for path in list_checkpoints(tmp_path)] == [3]


def test_a_gradient_that_is_no_number_stops_before_it_is_saved(runner: Any, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"^sharpen: the gradient of step 1 is (inf|nan): lower the learning rate$"):
        runner.run(tmp_path, loss_scale=3e38)
    assert not list_checkpoints(tmp_path)


def test_a_run_may_start_from_weights_alone_or_from_a_checkpoint(runner: Any, tmp_path: Path) -> None:
    runner.run(tmp_path / "first")
    still = OptimizerRecipe(learning_rate=1e-12, weight_decay=0)
    learned = read_tensors(tmp_path / "first" / "restorer.safetensors")
    for index, name in enumerate(("restorer", "checkpoint-00000006")):
        folder = tmp_path / str(index)
        runner.run(folder, steps=1, optimizer=still, weights={"restorer": tmp_path / "first" / f"{name}.safetensors"})
        for key, value in read_tensors(folder / "restorer.safetensors").items():
            torch.testing.assert_close(value, learned[key], rtol=0, atol=1e-9)


def test_files_that_do_not_fit_are_refused(runner: Any, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(2)}, other)
    with pytest.raises(ModelError, match=r"other.safetensors: these are no weights of the restorer"):
        runner.run(tmp_path / "run", weights={"restorer": other})
    with pytest.raises(ModelError, match=r"other.safetensors: this is no checkpoint"):
        runner.run(tmp_path / "run", resume=other)
    with pytest.raises(ModelError, match=r"none.safetensors: there is no such checkpoint"):
        runner.run(tmp_path / "run", resume=tmp_path / "none.safetensors")
    (tmp_path / "text.safetensors").write_text("no tensors at all")
    with pytest.raises(ModelError, match=r"text.safetensors: not a safetensors file"):
        runner.run(tmp_path / "run", weights={"restorer": tmp_path / "text.safetensors"})
    runner.run(tmp_path / "run")
    checkpoint = tmp_path / "run" / "checkpoint-00000006.safetensors"
    with pytest.raises(ModelError, match=r"networks of another shape"):
        runner.run(tmp_path / "run", adversarial=True, resume=checkpoint)


def test_a_folder_that_cannot_be_written_is_one_sentence(runner: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(TrainingError, match=r"file/run: cannot be written: \w+"):
        runner.run(tmp_path / "file" / "run")
