"""Orders come to what the command line makes of the same options."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from clearface.arrays import ByteImage
from clearface.errors import PhotoError, UsageError
from clearface.server.orders import FaceKey, Outcome, PhotoOrder, PhotoTask, Task
from clearface.server.settings import OfferedNetwork, UploadLimits
from clearface.server.work.bench import Bench
from clearface.server.work.photo_work import PhotoWork, written_files
from clearface.steps import Step, unwatched

RICHARDSON_LUCY = PhotoTask(Task.RESTORE, restorer="richardson-lucy", psf="box:3", iterations=2)


@pytest.fixture(scope="module")
def work() -> PhotoWork:
    return PhotoWork(Bench(()), UploadLimits())


@pytest.fixture
def two_faces(astronaut: ByteImage) -> bytes:
    """A PNG with the same face twice, side by side."""
    upper = astronaut[:300, 80:380]
    out = io.BytesIO()
    Image.fromarray(np.concatenate([upper, upper[:, ::-1]], 1)).save(out, "PNG")
    return out.getvalue()


def do(work: PhotoWork, folder: Path, photo: bytes, task: PhotoTask, view: bool = False) -> Outcome:
    (folder / "upload").write_bytes(photo)
    return work.do(folder, PhotoOrder(task, "photo.png", view=view), unwatched)


def command_line(folder: Path, photo: bytes, *options: str) -> dict[str, Any]:
    folder.mkdir()
    (folder / "photo.png").write_bytes(photo)
    done = subprocess.run(
        [sys.executable, "-m", "clearface", "restore", "photo.png", "-o", "photo_restored.png", "--json", *options],
        cwd=folder,
        capture_output=True,
        check=True,
        text=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def picture(path: Path) -> Any:
    """As Pillow reads it, the file closed again."""
    with Image.open(path) as image:
        image.load()
        return image


def without_seconds(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key not in ("seconds", "extras")}


def test_the_result_and_the_report_are_those_of_the_command_line(
    work: PhotoWork, tmp_path: Path, two_faces: bytes
) -> None:
    task = replace(RICHARDSON_LUCY, check=True, kernel=True, save_crops=True, save_comparison=True, save_boxes=True)
    folder = tmp_path / "order"
    folder.mkdir()
    outcome = do(work, folder, two_faces, task)
    told = command_line(
        tmp_path / "cli",
        two_faces,
        *("--restorer", "richardson-lucy", "--psf", "box:3", "--iterations", "2"),
        *("--check", "--kernel", "--save-crops", "--save-comparison", "--save-boxes"),
    )
    assert outcome.report is not None
    assert without_seconds(json.loads(json.dumps(outcome.report))) == without_seconds(told)
    assert (folder / "result").read_bytes() == (tmp_path / "cli" / "photo_restored.png").read_bytes()
    assert [f"photo_restored{ending}" for ending in outcome.extras] == told["extras"]
    for ending in outcome.extras:
        assert (folder / "extras" / ending).read_bytes() == (tmp_path / "cli" / f"photo_restored{ending}").read_bytes()
    assert (outcome.media_type, outcome.extension, outcome.error, outcome.fault) == ("image/png", ".png", None, None)


def test_a_face_left_as_it_was_has_its_pixels_and_the_other_stays_restored(
    work: PhotoWork, tmp_path: Path, two_faces: bytes
) -> None:
    first = do(work, tmp_path, two_faces, RICHARDSON_LUCY, view=True)
    whole = np.asarray(picture(tmp_path / "result"))
    shown_first = (tmp_path / "view" / "after.webp").read_bytes()
    original = np.asarray(Image.open(io.BytesIO(two_faces)))
    assert first.report is not None
    boxes = {face["number"]: face["box"] for face in first.report["faces"]}  # type: ignore[attr-defined]
    left_number = min(boxes, key=lambda number: boxes[number][0])
    order = PhotoOrder(RICHARDSON_LUCY, "photo.png", view=True, left=(FaceKey(1, left_number),), revision=1)
    steps: list[Step] = []
    pasted = work.do(tmp_path, order, lambda step, _: steps.append(step))
    now = np.asarray(picture(tmp_path / "result"))
    np.testing.assert_array_equal(now[:, :300], original[:, :300])
    np.testing.assert_array_equal(now[:, 300:], whole[:, 300:])
    assert not np.array_equal(whole[:, :300], original[:, :300])
    assert pasted.revision == 1
    assert pasted.left == (FaceKey(1, left_number),)
    assert pasted.report is not None
    verdicts = {face["number"]: face["verdict"] for face in pasted.report["faces"]}  # type: ignore[attr-defined]
    assert verdicts.pop(left_number) == "left-on-request"
    assert set(verdicts.values()) == {"restored"}
    assert (tmp_path / "view" / "after.webp").read_bytes() != shown_first
    assert not {Step.FINDING, Step.RESTORING} & set(steps)

    work.do(tmp_path, replace(order, left=(), revision=2), unwatched)
    np.testing.assert_array_equal(np.asarray(picture(tmp_path / "result")), whole)
    assert (tmp_path / "view" / "after.webp").read_bytes() == shown_first


def test_with_every_face_left_the_very_bytes_come_back(work: PhotoWork, tmp_path: Path, two_faces: bytes) -> None:
    do(work, tmp_path, two_faces, RICHARDSON_LUCY, view=True)
    everyone = (FaceKey(1, 1), FaceKey(1, 2))
    pasted = work.do(tmp_path, PhotoOrder(RICHARDSON_LUCY, "photo.png", view=True, left=everyone), unwatched)
    assert (tmp_path / "result").read_bytes() == two_faces
    assert pasted.report is not None
    assert pasted.report["status"] == "unchanged"


def test_an_aligned_face_can_be_left_and_taken_again(work: PhotoWork, tmp_path: Path, astronaut: ByteImage) -> None:
    out = io.BytesIO()
    Image.fromarray(astronaut[30:230, 120:320]).save(out, "PNG")
    task = replace(RICHARDSON_LUCY, aligned=True)
    do(work, tmp_path, out.getvalue(), task, view=True)
    restored = (tmp_path / "result").read_bytes()
    order = PhotoOrder(task, "photo.png", view=True, left=(FaceKey(1, 1),))
    work.do(tmp_path, order, unwatched)
    assert (tmp_path / "result").read_bytes() == out.getvalue()
    work.do(tmp_path, replace(order, left=()), unwatched)
    assert (tmp_path / "result").read_bytes() == restored


def test_a_view_shows_the_photo_and_every_face(work: PhotoWork, tmp_path: Path, two_faces: bytes) -> None:
    outcome = do(work, tmp_path, two_faces, RICHARDSON_LUCY, view=True)
    assert outcome.view is not None
    assert (outcome.view.width, outcome.view.height, outcome.view.frames) == (600, 300, 1)
    assert {(face.frame, face.number, face.confidence, face.kernel) for face in outcome.view.faces} == {
        (1, 1, False, True),
        (1, 2, False, True),
    }
    shown = np.asarray(picture(tmp_path / "view" / "after.webp").convert("RGB")).astype(float)
    assert np.abs(shown - np.asarray(picture(tmp_path / "result"))).mean() < 3
    for what in ("before.webp", "after.webp", "kernel.png"):
        assert picture(tmp_path / "view" / f"frame1_face2_{what}").size[0] >= 96
    assert outcome.report is not None
    for face in outcome.report["faces"]:  # type: ignore[attr-defined]
        assert face["blur"]["words"] == "even 3x3 average"
        assert 0 < face["explained"] <= 1


def test_large_photos_are_shown_reduced(work: PhotoWork, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (5200, 300), "navy").save(out, "PNG")
    outcome = do(
        work, tmp_path, out.getvalue(), replace(RICHARDSON_LUCY, restorer="identity", psf=None, iterations=None), True
    )
    assert picture(tmp_path / "view" / "before.webp").size == (2560, 148)
    assert outcome.view is not None
    assert (outcome.view.width, outcome.view.height) == (5200, 300)


def test_every_frame_of_an_animation_can_be_told_apart(work: PhotoWork, tmp_path: Path, astronaut: ByteImage) -> None:
    frames = [Image.fromarray(np.roll(astronaut[:300, 80:380], shift, 1)) for shift in (0, 20)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    done: list[tuple[Step, float]] = []
    (tmp_path / "upload").write_bytes(out.getvalue())
    order = PhotoOrder(RICHARDSON_LUCY, "moving.webp", view=True)
    outcome = work.do(tmp_path, order, lambda step, part: done.append((step, part)))
    assert outcome.view is not None
    assert {(face.frame, face.number) for face in outcome.view.faces} == {(1, 1), (2, 1)}
    assert (Step.FINDING, 0.5) in done
    left = (FaceKey(2, 1),)
    work.do(tmp_path, replace(order, left=left), unwatched)
    with Image.open(tmp_path / "result") as result, Image.open(io.BytesIO(out.getvalue())) as original:
        changed = []
        for frame in range(2):
            result.seek(frame)
            original.seek(frame)
            changed.append(np.array_equal(np.asarray(result.convert("RGB")), np.asarray(original.convert("RGB"))))
    assert changed == [False, True]


def test_found_faces_are_told_and_marked_where_that_is_asked(work: PhotoWork, tmp_path: Path, two_faces: bytes) -> None:
    outcome = do(work, tmp_path, two_faces, PhotoTask(Task.DETECT))
    assert outcome.report is not None
    assert (outcome.report["status"], outcome.report["output"], outcome.extension) == ("detected", None, None)
    assert len(outcome.report["faces"]) == 2  # type: ignore[arg-type]
    assert [name for name, _ in written_files(tmp_path)] == []
    marked = do(work, tmp_path, two_faces, PhotoTask(Task.DETECT, save_boxes=True, format="jpeg", largest=True))
    assert marked.report is not None
    assert (marked.report["output"], marked.media_type) == ("photo_faces.jpg", "image/jpeg")
    assert len(marked.report["faces"]) == 1  # type: ignore[arg-type]
    assert picture(tmp_path / "result").format == "JPEG"


def test_a_network_of_the_hosts_is_chosen_by_its_name(
    tmp_path: Path, two_faces: bytes, tiny_network: Callable[..., Any]
) -> None:
    path = tiny_network(gains=(0.5, 0.5, 0.5), metadata={"name": "half"}).save(tmp_path / "half.onnx")
    work = PhotoWork(Bench((OfferedNetwork("half", path),)), UploadLimits())
    outcome = do(work, tmp_path, two_faces, PhotoTask(Task.RESTORE, restorer="Half"))
    assert outcome.report is not None
    assert outcome.report["status"] == "restored"
    with pytest.raises(UsageError, match='there is no restorer "onnx"'):
        do(work, tmp_path, two_faces, PhotoTask(Task.RESTORE, restorer="onnx"))


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ({"confidence": True}, "confidence: the restorer richardson-lucy does not say how sure it is; smfd does"),
        ({"kernel": True, "restorer": "identity"}, "kernel: the restorer identity names no blur; smfd does"),
        (
            {"check": True, "restorer": "identity"},
            "check: the restorer identity names no blur to check its results with",
        ),
    ],
)
def test_what_a_restorer_does_not_tell_is_refused(
    work: PhotoWork, tmp_path: Path, two_faces: bytes, option: dict[str, Any], sentence: str
) -> None:
    task = replace(PhotoTask(Task.RESTORE, restorer="richardson-lucy"), **option)
    with pytest.raises(UsageError) as caught:
        do(work, tmp_path, two_faces, task)
    assert str(caught.value).startswith(sentence)


def test_limits_name_no_option_since_nobody_who_uploads_has_one(tmp_path: Path, two_faces: bytes) -> None:
    work = PhotoWork(Bench(()), UploadLimits(pixels=1000))
    with pytest.raises(PhotoError, match=r"photo\.png: 600 x 300 pixels are more than the limit of 1,000$"):
        do(work, tmp_path, two_faces, RICHARDSON_LUCY)
    frames = [Image.new("L", (8, 8), level) for level in (0, 100, 200)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    work = PhotoWork(Bench(()), UploadLimits(frames=2))
    with pytest.raises(PhotoError, match=r"photo\.png: 3 frames are more than the limit of 2$"):
        do(work, tmp_path, out.getvalue(), RICHARDSON_LUCY)
