"""`clearface train smfd`: stages in order, resuming, starting from weights, and what is said of wrong arguments."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from clearface.errors import ClearfaceError, ModelError, UsageError
from clearface.train.engine.checkpoints import read_tensors
from clearface.train.engine.recipes import read_recipe
from clearface.train.smfd.recipe import SmfdRecipe

FEW = ("--threads", 1, "--accelerator", "cpu")
LAST = "checkpoint-00000004.safetensors"


def same_tensors(first: Path, second: Path) -> bool:
    """Whether two files hold the same tensors, bit for bit; more than one, to be sure."""
    ours, theirs = read_tensors(first), read_tensors(second)
    assert len(ours) > 1
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_all_stages_leave_their_weights_logs_and_pictures(trained: Path, tiny_recipe: Path) -> None:
    made = {
        "parser": ["mask_generator"],
        "kernel": ["kernel_estimator", "mask_generator"],
        "restore": ["deblurring_unet", "kernel_estimator"],
        "detail": ["deblurring_unet"],
    }
    for stage, names in made.items():
        weights = sorted(path.stem for path in (trained / stage).glob("*.safetensors") if "checkpoint" not in path.name)
        assert weights == names
        assert (trained / stage / "pictures" / "step-00000004.png").is_file()
        assert len((trained / stage / "log.csv").read_text().splitlines()) == 3
        assert len((trained / stage / "validation.csv").read_text().splitlines()) == 2
    assert read_recipe(SmfdRecipe, trained / "recipe.json") == read_recipe(SmfdRecipe, tiny_recipe)


def test_each_stage_starts_from_what_the_one_before_has_learned(trained: Path) -> None:
    def frozen(stage: str) -> dict[str, torch.Tensor]:
        tensors = read_tensors(trained / stage / LAST)
        prefix = "network/mask_generator."
        return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

    released = read_tensors(trained / "kernel" / "mask_generator.safetensors")
    for stage in ("restore", "detail"):
        assert all(torch.equal(value, released[name]) for name, value in frozen(stage).items())
    parser = read_tensors(trained / "parser" / "mask_generator.safetensors")
    assert any(not torch.equal(value, parser[name]) for name, value in released.items())


@pytest.mark.parametrize("stage", ["kernel", "detail"])
def test_a_resumed_stage_ends_bit_for_bit_like_an_unbroken_one(
    trained: Path, prepared_set: Path, invoke: Any, tmp_path: Path, stage: str
) -> None:
    half = trained / stage / "checkpoint-00000002.safetensors"
    ended = invoke("smfd", prepared_set, "--resume", half, "--output", tmp_path, "--stage", stage, *FEW, "--workers", 2)
    assert ended.error is None
    assert f"trained: {stage}, in {tmp_path}" in ended.said
    assert same_tensors(trained / stage / LAST, tmp_path / stage / LAST)


def test_resuming_goes_through_the_stages_that_are_left(
    trained: Path, prepared_set: Path, invoke: Any, tmp_path: Path
) -> None:
    for stage in ("kernel", "restore"):
        shutil.copytree(trained / stage, tmp_path / stage)
    half = tmp_path / "restore" / "checkpoint-00000002.safetensors"
    (tmp_path / "restore" / "deblurring_unet.safetensors").unlink()
    ended = invoke("smfd", prepared_set, "--resume", half, *FEW)
    assert ended.error is None
    assert f"trained: restore, detail, in {tmp_path}" in ended.said
    for stage in ("restore", "detail"):
        assert same_tensors(trained / stage / LAST, tmp_path / stage / LAST)
    logs = [(folder / "restore" / "log.csv").read_text().splitlines() for folder in (trained, tmp_path)]
    assert [line.rpartition(",")[0] for line in logs[0]] == [line.rpartition(",")[0] for line in logs[1]]


def test_what_has_been_trained_is_not_overwritten(
    trained: Path, prepared_set: Path, tiny_recipe: Path, invoke: Any, tmp_path: Path
) -> None:
    for arguments in (
        ("--recipe", tiny_recipe, "--stage", "restore"),
        ("--resume", trained / "restore" / "checkpoint-00000002.safetensors"),
    ):
        before = (trained / "restore" / LAST).stat().st_mtime_ns
        ended = invoke("smfd", prepared_set, "--output", trained, *arguments, *FEW)
        assert isinstance(ended.error, UsageError)
        assert "there are checkpoints already: go on with --resume" in str(ended.error)
        assert (trained / "restore" / LAST).stat().st_mtime_ns == before


def test_a_stage_may_start_from_files_of_any_kind(
    trained: Path, prepared_set: Path, tiny_recipe: Path, invoke: Any, tmp_path: Path
) -> None:
    reader = read_tensors(trained / "kernel" / "mask_generator.safetensors")
    both = {f"reader.{name}": value for name, value in reader.items()}
    estimator = read_tensors(trained / "kernel" / "kernel_estimator.safetensors")
    both |= {f"kernel.{name}": value for name, value in estimator.items()}
    save_file(both, tmp_path / "both.safetensors")
    command = ("smfd", prepared_set, "--stage", "restore", "--recipe", tiny_recipe, *FEW)
    released = invoke(*command, "--output", tmp_path / "one", "--from", tmp_path / "both.safetensors")
    assert released.error is None
    checkpoint = trained / "kernel" / LAST
    assert invoke(*command, "--output", tmp_path / "two", "--from", checkpoint).error is None
    assert same_tensors(tmp_path / "one" / "restore" / LAST, tmp_path / "two" / "restore" / LAST)


def test_a_stage_without_what_it_needs_says_how_to_get_it(
    prepared_set: Path, tiny_recipe: Path, invoke: Any, tmp_path: Path
) -> None:
    ended = invoke("smfd", prepared_set, "--output", tmp_path / "run", "--stage", "kernel", "--recipe", tiny_recipe)
    assert str(ended.error) == (
        "the stage kernel needs a trained mask generator: train the stage parser into the same folder first, or name a file of "
        "its weights with --from"
    )
    assert not (tmp_path / "run").exists()


def test_the_recipe_is_printed_with_what_was_given_beside_it(tiny_recipe: Path, invoke: Any, tmp_path: Path) -> None:
    ended = invoke("smfd", "--print-recipe", "--recipe", tiny_recipe, "--steps", 9, "--seed", 3, "--stage", "restore")
    values = json.loads(ended.said)
    assert (values["seed"], values["restore"]["steps"], values["parser"]["steps"]) == (3, 9, 4)
    assert values["networks"]["kernel_estimator"]["strengths"] == [0.05, 0.3, 2.0]
    usual = json.loads(invoke("smfd", "--print-recipe").said)
    (tmp_path / "usual.json").write_text(json.dumps(usual))
    assert read_recipe(SmfdRecipe, tmp_path / "usual.json") == SmfdRecipe()


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ((), UsageError, "name the folder of a prepared set"),
        (("{set}",), UsageError, "name a folder for the run with --output"),
        (
            ("{set}", "--output", "{tmp}/run", "--stage", "restor"),
            UsageError,
            '--stage restor: .* did you mean "restore"',
        ),
        (("{set}", "--output", "{tmp}/run", "--accelerator", "tpu"), UsageError, "--accelerator tpu: there is no such"),
        (("{tmp}", "--output", "{tmp}/run"), UsageError, "no prepared set"),
        (
            ("{set}", "--output", "{tmp}/run", "--recipe", "{tmp}/none.json"),
            UsageError,
            "none.json: the recipe cannot be read",
        ),
        (("{set}", "--output", "{tmp}/run", "--resume", "{set}/a-faces.npy"), ModelError, "this is no checkpoint"),
        (
            ("{set}", "--output", "{tmp}/run", "--recipe", "{recipe}", "--from", "{set}/a-faces.npy"),
            ModelError,
            "not a safetensors file",
        ),
        (
            ("{set}", "--output", "{tmp}/run", "--devices", "5", "--accelerator", "cpu"),
            UsageError,
            "batch of 24 cannot be shared",
        ),
        (
            (
                "{set}",
                "--output",
                "{tmp}/run",
                "--resume",
                "{run}/parser/checkpoint-00000004.safetensors",
                "--stage",
                "detail",
            ),
            UsageError,
            "a checkpoint of the stage parser, not of detail",
        ),
        (
            ("{set}", "--resume", "{run}/detail/checkpoint-00000004.safetensors"),
            UsageError,
            "all 4 steps are done: ask for more with --steps",
        ),
        (
            ("{set}", "--resume", "{run}/detail/checkpoint-00000004.safetensors", "--recipe", "{recipe}"),
            UsageError,
            "leave --recipe out",
        ),
        (
            ("{set}", "--resume", "{run}/detail/checkpoint-00000002.safetensors", "--from", "{run}/x.safetensors"),
            UsageError,
            "leave --from out",
        ),
        (
            ("{set}", "--output", "{tmp}/run"),
            UsageError,
            "the recipe asks for faces of 128 pixels, but no faces sharp at",
        ),
    ],
)
def test_wrong_arguments_are_one_sentence(
    trained: Path, prepared_set: Path, tiny_recipe: Path, invoke: Any, tmp_path: Path,
    arguments: tuple[str, ...], kind: type[ClearfaceError], sentence: str,
) -> None:  # fmt: skip
    places = {"set": prepared_set, "tmp": tmp_path, "run": trained, "recipe": tiny_recipe}
    ended = invoke("smfd", *(argument.format(**places) for argument in arguments))
    assert type(ended.error) is kind
    with pytest.raises(kind, match=sentence):
        raise ended.error
    assert "\n" not in str(ended.error)
    assert not (tmp_path / "run").exists()
