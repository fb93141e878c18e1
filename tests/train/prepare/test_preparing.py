"""The whole way from photos to a set, as a user goes it."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from clearface.arrays import ByteImage
from clearface.errors import ClearfaceError, PhotoError, UsageError
from clearface.masks import UNKNOWN, FaceClass
from clearface.train.face_sets import load_face_sets
from clearface.train.prepare import harvesting
from clearface.train.prepare.command import prepare_command
from clearface.train.prepare.harvest import harvest_photo
from clearface.train.prepare.options import PrepareOptions
from clearface.train.prepare.preparing import prepare
from clearface.train.prepare.reasons import Reason
from clearface.train.prepare.records import MANIFEST, MaskOrigin, Part, read_index, read_manifest

SavePhoto = Callable[[str, ByteImage], Path]


def variants(portrait: ByteImage, count: int) -> list[ByteImage]:
    """The portrait in colours and structure so different that thumbnails tell them apart."""
    generator = np.random.default_rng(4)
    made = []
    for _ in range(count):
        coarse = generator.uniform(-75, 75, (6, 6)).astype(np.float32)
        made.append(np.clip(portrait + cv2.resize(coarse, (300, 300))[..., None], 0, 255).astype(np.uint8))
    return made


def dropped(output: Path) -> dict[str, str]:
    with (output / "dropped.csv").open(newline="") as stream:
        return {row["photo"]: row["reason"] for row in csv.DictReader(stream)}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def four_photos(photos: Path, portrait_pixels: ByteImage, save: SavePhoto) -> Path:
    for index, pixels in enumerate(variants(portrait_pixels, 4)):
        save(f"{index}.png", pixels)
    return photos


def test_every_reason_is_found_told_and_counted(
    photos: Path, tmp_path: Path, portrait_pixels: ByteImage, save: SavePhoto
) -> None:
    save("good.png", portrait_pixels)
    save("soft.png", np.asarray(cv2.GaussianBlur(portrait_pixels, (0, 0), 3), np.uint8))
    save(
        "tiny.png",
        np.asarray(cv2.resize(portrait_pixels, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA), np.uint8),
    )
    save("cut.png", np.ascontiguousarray(portrait_pixels[:, 140:]))
    save("again/good.jpg", np.clip(portrait_pixels * 0.9 + 8, 0, 255).astype(np.uint8))
    save("empty.png", np.full((200, 200, 3), 90, np.uint8))
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    output = tmp_path / "set"
    summary = prepare([str(photos)], output)
    assert dropped(output) == {
        "photos/soft.png": Reason.BLURRED,
        "photos/tiny.png": Reason.TOO_SMALL,
        "photos/cut.png": Reason.CUT,
        "photos/again/good.jpg": Reason.DUPLICATE,
        "photos/empty.png": Reason.NO_FACE,
        "photos/broken.jpg": Reason.UNREADABLE,
    }
    assert summary.photos == 7
    assert summary.kept == {160: 1}
    assert set(summary.dropped.values()) == {1}
    written = json.loads((output / "summary.json").read_text())
    assert written["kept"] == {"160": 1}
    assert written["dropped"]["blurred"] == 1
    assert [record.photo for record in read_index(output)] == ["photos/good.png"]
    assert {path.suffix for path in output.iterdir()} <= {".npy", ".json", ".jsonl", ".csv"}


def test_sizes_go_to_files_of_their_own_that_load_as_face_sets(
    photos: Path, tmp_path: Path, portrait_pixels: ByteImage, save: SavePhoto
) -> None:
    first, second, third, fourth = variants(portrait_pixels, 4)
    for name, pixels in {"a": first, "b": second, "c": third}.items():
        save(f"{name}.png", pixels)
    save("d.png", np.asarray(cv2.resize(fourth, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA), np.uint8))
    output = tmp_path / "set"
    prepare([str(photos)], output, PrepareOptions(shard=2))
    sets = load_face_sets(output)
    assert [(faces.square, len(faces.crops)) for faces in sets] == [(128, 1), (160, 2), (160, 1)]
    assert all(isinstance(faces.crops, np.memmap) for faces in sets)
    assert sets[0].crops.shape == (1, 168, 168, 3)
    assert sets[1].crops.shape == (2, 208, 208, 3)
    left, top, right, bottom = sets[1].boxes[0]
    assert 24 < left < 104 < right < 184
    assert 24 < top < 104 < bottom < 190
    assert [record.mask for record in read_index(output)] == [MaskOrigin.NONE] * 4
    assert all(faces.masks is None for faces in sets)


def test_masks_travel_with_their_faces(tmp_path: Path, portrait_pixels: ByteImage) -> None:
    first, second = variants(portrait_pixels, 2)
    (tmp_path / "set" / "images").mkdir(parents=True)
    (tmp_path / "set" / "masks").mkdir()
    for name, pixels in (("a", first), ("b", second)):
        Image.fromarray(pixels).save(tmp_path / "set" / "images" / f"{name}.png")
    values = np.zeros((150, 150), np.uint8)  # half the photo's size
    values[:, 75:] = 17
    values[:60] = 13
    Image.fromarray(values).save(tmp_path / "set" / "masks" / "a.png")
    output = tmp_path / "out"
    summary = prepare([str(tmp_path / "set")], output)
    assert summary.masks == {"given": 1, "none": 1}
    (faces,) = load_face_sets(output)
    assert faces.masks is not None
    assert set(np.unique(faces.masks[0])) == {FaceClass.BACKGROUND, FaceClass.HAIR, FaceClass.OTHER, UNKNOWN}
    assert faces.masks[0][30, 104] == FaceClass.HAIR
    assert (faces.masks[1] == UNKNOWN).all()


def test_a_mask_of_another_shape_is_told(
    photos: Path, tmp_path: Path, portrait_pixels: ByteImage, save: SavePhoto
) -> None:
    save("a.png", portrait_pixels)
    masks = tmp_path / "masks"
    masks.mkdir()
    Image.fromarray(np.zeros((100, 300), np.uint8)).save(masks / "a.png")
    with pytest.raises(ClearfaceError, match="none of 1 photos"):
        prepare([str(photos)], tmp_path / "out", PrepareOptions(masks=masks))
    assert "other proportions" in (tmp_path / "out" / "dropped.csv").read_text()


def test_an_interrupted_run_goes_on_and_ends_the_same(
    four_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = PrepareOptions(held_back=1, seed=3)
    prepare([str(four_photos)], tmp_path / "unbroken", options)
    harvest, seen = harvest_photo, list[str]()

    def failing(photo, tools, settings):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(photo.name)
        return harvest(photo, tools, settings)

    monkeypatch.setattr(harvesting, "harvest_photo", failing)
    with pytest.raises(KeyboardInterrupt):
        prepare([str(four_photos)], tmp_path / "broken", options)
    assert not (tmp_path / "broken" / MANIFEST).exists()
    with pytest.raises(UsageError, match="no prepared set"):
        load_face_sets(tmp_path / "broken")
    again = list[str]()

    def counting(photo, tools, settings):
        again.append(photo.name)
        return harvest(photo, tools, settings)

    monkeypatch.setattr(harvesting, "harvest_photo", counting)
    told = list[int]()
    prepare([str(four_photos)], tmp_path / "broken", options, lambda count: told.append)
    assert sorted(seen + again) == [f"photos/{index}.png" for index in range(4)]
    assert sum(told) == 4
    assert contents(tmp_path / "broken") == contents(tmp_path / "unbroken")


def test_a_failure_while_the_set_is_written_costs_no_photo(
    four_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "set"
    with pytest.raises(UsageError, match="4 faces cannot be held back of 4"):
        prepare([str(four_photos)], output, PrepareOptions(held_back=4))

    def never(photo, tools, settings):
        raise AssertionError("this photo was done")

    monkeypatch.setattr(harvesting, "harvest_photo", never)
    assert prepare([str(four_photos)], output, PrepareOptions(held_back=3)).held_back == 3


def test_a_photo_that_changed_is_done_again(four_photos: Path, tmp_path: Path, portrait_pixels: ByteImage) -> None:
    output = tmp_path / "set"
    with pytest.raises(UsageError):
        prepare([str(four_photos)], output, PrepareOptions(held_back=4))
    Image.fromarray(np.full((80, 80, 3), 9, np.uint8)).save(four_photos / "2.png")
    prepare([str(four_photos)], output)
    assert dropped(output) == {"photos/2.png": Reason.NO_FACE}


def test_several_processes_make_the_same_set(four_photos: Path, tmp_path: Path) -> None:
    prepare([str(four_photos)], tmp_path / "one")
    prepare([str(four_photos)], tmp_path / "two", PrepareOptions(jobs=2))
    first, second = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert first.pop(MANIFEST) != second.pop(MANIFEST), "the number of jobs is among the options"
    assert first == second


def test_faces_are_held_back_by_seed(four_photos: Path, tmp_path: Path) -> None:
    parts: dict[int, list[str]] = {}
    for seed in (0, 0, 1, 2):
        output = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        prepare([str(four_photos)], output, PrepareOptions(held_back=1, seed=seed))
        shards = {shard.name: shard.part for shard in read_manifest(output).shards}
        held = [record.photo for record in read_index(output) if shards[record.shard] is Part.HELD_BACK]
        assert parts.setdefault(seed, held) == held
        assert len(held) == 1
        assert sum(len(faces.crops) for faces in load_face_sets(output)) == 3
        assert sum(len(faces.crops) for faces in load_face_sets(output, Part.HELD_BACK)) == 1
    assert len({tuple(held) for held in parts.values()}) > 1


def test_only_the_largest_of_two_faces(
    photos: Path, tmp_path: Path, portrait_pixels: ByteImage, save: SavePhoto
) -> None:
    small = np.asarray(
        cv2.resize(portrait_pixels[:, ::-1], None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA), np.uint8
    )
    both = np.concatenate([portrait_pixels, np.pad(small, ((30, 30), (0, 0), (0, 0)), "edge")], 1)
    save("both.png", both)
    assert prepare([str(photos)], tmp_path / "all").kept == {128: 1, 160: 1}
    assert prepare([str(photos)], tmp_path / "one", PrepareOptions(largest_only=True)).kept == {160: 1}


def test_nothing_of_others_is_touched(four_photos: Path, tmp_path: Path) -> None:
    occupied = tmp_path / "mine"
    occupied.mkdir()
    (occupied / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="other files"):
        prepare([str(four_photos)], occupied)
    assert [path.name for path in occupied.iterdir()] == ["letter.txt"]
    prepare([str(four_photos)], tmp_path / "set")
    with pytest.raises(UsageError, match="already"):
        prepare([str(four_photos)], tmp_path / "set")


def test_wrong_inputs_are_refused_before_any_work(four_photos: Path, tmp_path: Path) -> None:
    for inputs, sentence in (["nowhere"], "no such file"), (["-"], "standard input"):
        with pytest.raises(UsageError, match=sentence):
            prepare(inputs, tmp_path / "set")
    masks = tmp_path / "masks"
    masks.mkdir()
    Image.new("L", (3, 3)).save(masks / "stranger.png")
    with pytest.raises(UsageError, match="no mask in this folder"):
        prepare([str(four_photos)], tmp_path / "set", PrepareOptions(masks=masks))
    with pytest.raises(UsageError, match="celebamask-hq"):
        PrepareOptions(scheme="celebamask")
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("victim", ["faces.jsonl", "manifest.json", "training-160-000-faces.npy"])
def test_a_damaged_set_is_told(four_photos: Path, tmp_path: Path, victim: str) -> None:
    output = tmp_path / "set"
    prepare([str(four_photos)], output)
    whole = (output / victim).read_bytes()
    (output / victim).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match="damaged"):
        load_face_sets(output)


def test_a_set_that_cannot_be_written_is_told(four_photos: Path, tmp_path: Path) -> None:
    output = tmp_path / "set"
    (output / "unfinished").mkdir(parents=True)
    (output / "training-160-000-faces.npy").mkdir()
    with pytest.raises(PhotoError, match="cannot be written"):
        prepare([str(four_photos)], output)


def test_the_command_prints_what_became_of_the_photos(four_photos: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(prepare_command)
    (four_photos / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    arguments = [str(four_photos), "-o", str(tmp_path / "set"), "--held-back", "1"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "Photos:     5" in result.stdout
    assert "Kept:       4 faces; sharp at their size: 4 at 160" in result.stdout
    assert "Held back:  1" in result.stdout
    assert "Left out:   1 unreadable" in result.stdout


def test_an_interrupted_command_says_how_to_go_on(
    four_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(photo, tools, settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(harvesting, "harvest_photo", interrupted)
    app = typer.Typer()
    app.command()(prepare_command)
    result = CliRunner().invoke(app, [str(four_photos), "-o", str(tmp_path / "set")])
    assert result.exit_code == 130
    assert "the same command goes on from here" in result.stderr
