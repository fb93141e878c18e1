"""Fitting a pristine model for NIQE on photos."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from typer import Typer
from typer.testing import CliRunner

from clearface.arrays import ByteImage
from clearface.errors import ClearfaceError, UsageError
from clearface.evaluate.metrics.niqe import PatchStatistics, niqe
from clearface.evaluate.metrics.niqe_models import read_pristine_model
from clearface.train.niqe import fit_niqe, sharp_patches
from clearface.train.niqe_command import niqe_command
from clearface.train.prepare.reasons import Reason


def unwatched(_: int) -> Callable[[int], None]:
    return lambda _: None


def test_sharp_patches_are_those_of_much_contrast_in_each_picture() -> None:
    features = np.arange(4 * 36, dtype=float).reshape(4, 36)
    features[3] = np.nan
    first = PatchStatistics(features, np.array([10.0, 7.6, 7.4, 10.0]))
    faint = PatchStatistics(features[:2] + 1000, np.array([0.1, 0.1]))
    nothing = PatchStatistics(np.empty((0, 36)), np.empty(0))
    chosen = sharp_patches([first, faint, nothing])
    assert np.array_equal(chosen, np.concatenate([features[:2], features[:2] + 1000]))
    assert sharp_patches([]).shape == (0, 36)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    """A folder of one photo with 24 faces, one without, and one that is broken."""
    folder = tmp_path_factory.mktemp("photos")
    one = astronaut[:240, 100:340]
    tiles = []
    for number in range(24):
        light = np.clip(one * (0.7 + 0.03 * number), 0, 255).astype(np.uint8)
        tiles.append(light[:, ::-1] if number % 2 else light)
    rows = [np.concatenate(tiles[start : start + 6], 1) for start in range(0, 24, 6)]
    Image.fromarray(np.concatenate(rows)).save(folder / "crowd.png")
    Image.new("RGB", (64, 64)).save(folder / "empty.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    return folder


def test_a_folder_becomes_a_model_that_tells_sharp_from_blurred(
    crowd: Path, tmp_path: Path, astronaut: ByteImage
) -> None:
    application = Typer()
    application.command()(niqe_command)
    output = tmp_path / "model.json"
    answer = CliRunner().invoke(application, [str(crowd), "-o", str(output), "--name", "a crowd"])
    assert answer.exit_code == 0, answer.output
    assert "Photos:     3" in answer.output
    assert "1 no face" in answer.output
    assert "1 unreadable" in answer.output
    written = json.loads(output.read_text(encoding="utf-8"))
    assert written["photos"] == 3
    assert 20 <= written["faces"] <= 24
    model = read_pristine_model(output)
    assert model.name == "a crowd"
    face = astronaut[40:168, 160:288].astype(np.float32) / np.float32(255)
    blurred = np.asarray(cv2.GaussianBlur(face, (0, 0), 1.5), np.float32)
    assert niqe(face, model) < niqe(blurred, model)

    again = CliRunner().invoke(application, [str(crowd), "-o", str(output)])
    assert isinstance(again.exception, UsageError)
    assert "exists already" in str(again.exception)


def test_too_few_faces_are_one_sentence(portrait: Path) -> None:
    with pytest.raises(ClearfaceError, match=r"photos: 1, sharp faces in them: 1\), and a model needs 72"):
        fit_niqe([str(portrait)], "one", unwatched)


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not standard input"):
        fit_niqe(["-"], "x", unwatched)
    with pytest.raises(UsageError, match="no photos in this folder"):
        fit_niqe([str(tmp_path)], "x", unwatched)


def test_a_blurred_face_is_left_out_with_its_reason(tmp_path: Path, astronaut: ByteImage) -> None:
    from clearface.detectors.centerface import CenterFace
    from clearface.train.niqe import _faces_of

    path = tmp_path / "blurred.png"
    Image.fromarray(cv2.GaussianBlur(astronaut[:300, 80:380], (0, 0), 2)).save(path)
    faces, drops = _faces_of(path, CenterFace())
    assert faces == []
    assert [drop.reason for drop in drops] == [Reason.BLURRED]


def test_a_model_is_written_as_json_alone(tmp_path: Path, portrait: Path) -> None:
    application = Typer()
    application.command()(niqe_command)
    answer = CliRunner().invoke(application, [str(portrait), "-o", str(tmp_path / "model.npz")])
    assert isinstance(answer.exception, UsageError)
