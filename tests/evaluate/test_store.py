"""What an unfinished evaluation keeps."""

import json
from pathlib import Path

import numpy as np
import pytest

from clearface.errors import PhotoError, UsageError
from clearface.evaluate.looking import Look, LookJob, stamps_of
from clearface.evaluate.results import FaceResult
from clearface.evaluate.store import UNFINISHED, Store, UnitResult
from clearface.faces import Box, Face

ROWS = (FaceResult("shen", "smfd", "ä\n.png", (128, 96), None, {"psnr": 1 / 3, "ssim": None}),)


def test_units_come_back_to_the_last_digit(tmp_path: Path) -> None:
    store = Store(tmp_path, {"seed": 7}, start_anew=False)
    vectors = {"smfd": np.random.default_rng(0).normal(size=(1, 5)).astype(np.float32)}
    assert not store.has("k")
    store.save("k", UnitResult(ROWS, vectors))
    again = Store(tmp_path, {"seed": 7}, start_anew=False)
    assert again.has("k")
    result = again.load("k")
    assert result.rows == ROWS
    np.testing.assert_array_equal(result.vectors["smfd"], vectors["smfd"])
    again.save("k", UnitResult(ROWS * 2, vectors))
    assert len(store.load("k").rows) == 2


def test_other_settings_are_refused_and_named(tmp_path: Path) -> None:
    Store(tmp_path, {"seed": 7, "tests": ["shen"]}, start_anew=False).save("k", UnitResult(ROWS, {}))
    with pytest.raises(UsageError, match=r"other settings was begun there \(seed\)"):
        Store(tmp_path, {"seed": 8, "tests": ["shen"]}, start_anew=False)
    assert not Store(tmp_path, {"seed": 8, "tests": ["shen"]}, start_anew=True).has("k")


def look_of(job: LookJob, problem: str | None = None) -> Look:
    face = Face(Box(1.5, 2.0, 30.25, 40.0), 0.875, np.arange(10, dtype=np.float64).reshape(5, 2) / 3)
    return Look(job.name, stamps_of(job), ("ab",), (40, 50), (face,), problem)


def test_a_photo_is_looked_at_again_where_it_changed_or_could_not_be_read(tmp_path: Path) -> None:
    photos = {name: tmp_path / name for name in ("a", "b", "c")}
    for path in photos.values():
        path.write_bytes(b"1234")
    jobs = {name: LookJob(name, path) for name, path in photos.items()}
    store = Store(tmp_path / "out", {}, start_anew=False)
    for name in "ab":
        store.add_look(look_of(jobs[name]))
    store.add_look(look_of(jobs["c"], "c: damaged"))
    photos["b"].write_bytes(b"12345")
    again = Store(tmp_path / "out", {}, start_anew=False)
    found = again.look_at(jobs["a"])
    assert found is not None
    np.testing.assert_array_equal(found.faces[0].landmarks, look_of(jobs["a"]).faces[0].landmarks)
    assert found.faces[0].box == Box(1.5, 2.0, 30.25, 40.0)
    assert again.look_at(jobs["b"]) is None
    assert again.look_at(jobs["c"]) is None


def test_what_a_crash_left_of_the_list_is_dropped(tmp_path: Path) -> None:
    job = LookJob("a", tmp_path / "a")
    store = Store(tmp_path, {}, start_anew=False)
    store.add_look(look_of(job))
    path = tmp_path / UNFINISHED / "looks.jsonl"
    path.write_text(path.read_text() + '{"name": "b", "sta')
    assert set(Store(tmp_path, {}, start_anew=False).looks) == {"a"}
    assert path.read_text().endswith("}\n")


def test_a_list_of_something_else_is_refused(tmp_path: Path) -> None:
    Store(tmp_path, {}, start_anew=False)
    (tmp_path / UNFINISHED / "looks.jsonl").write_text(json.dumps({"name": 1}) + "\n")
    with pytest.raises(PhotoError, match="this is no list of photos"):
        Store(tmp_path, {}, start_anew=False)
    (tmp_path / UNFINISHED / "settings.json").write_text("no json")
    with pytest.raises(PhotoError, match="not written by clearface, or is damaged"):
        Store(tmp_path, {}, start_anew=False)
