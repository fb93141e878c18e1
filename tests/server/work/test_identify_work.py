"""Orders to name people: the gallery of the host's, as it is now."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.people import EMBEDDER, TABLE, make_gallery, somebody_else, someone, someone_again

from clearface.arrays import ByteImage
from clearface.errors import GalleryError, UsageError
from clearface.gallery.opening import open_gallery
from clearface.server.orders import Outcome, PhotoOrder, PhotoTask, Task
from clearface.server.settings import OfferedGallery, UploadLimits
from clearface.server.work.bench import Bench
from clearface.server.work.photo_work import PhotoWork
from clearface.steps import Step, unwatched

NEVER = PhotoTask(Task.IDENTIFY, restore="never")


@pytest.fixture
def place(tmp_path: Path, astronaut: ByteImage) -> Path:
    folder = tmp_path / "secret"
    folder.mkdir()
    return make_gallery(folder, {"Eileen": [someone(astronaut)], "Negative": [somebody_else(astronaut)]})


@pytest.fixture
def work(place: Path) -> Iterator[PhotoWork]:
    bench = Bench((), OfferedGallery(str(place), EMBEDDER, error_table=place.parent / TABLE))
    yield PhotoWork(bench, UploadLimits())
    bench.close()


def do(work: PhotoWork, folder: Path, picture: ByteImage, task: PhotoTask = NEVER, view: bool = False) -> Outcome:
    folder.mkdir(exist_ok=True)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    (folder / "upload").write_bytes(out.getvalue())
    return work.do(folder, PhotoOrder(task, "photo.png", view=view), unwatched)


def identity(outcome: Outcome) -> dict[str, Any]:
    report: Any = outcome.report
    (face,) = report["faces"]
    told: dict[str, Any] = face["identity"]
    return told


def test_people_are_named_and_where_their_photos_lie_is_not_told(work: PhotoWork, astronaut: ByteImage, tmp_path: Path):
    outcome = do(work, tmp_path / "order", someone_again(astronaut))
    told = identity(outcome)
    assert (told["name"], told["candidates"][0]["photo"]) == ("Eileen", "person1-1.png")
    assert outcome.media_type is None
    assert "secret" not in json.dumps(outcome.report)


def test_a_picture_with_names_is_made_where_it_is_asked_for(work: PhotoWork, astronaut: ByteImage, tmp_path: Path):
    task = PhotoTask(Task.IDENTIFY, restore="never", save_boxes=True, format="jpg")
    outcome = do(work, tmp_path / "order", someone(astronaut), task, view=True)
    assert (outcome.media_type, outcome.extension) == ("image/jpeg", ".jpg")
    assert outcome.report is not None
    assert outcome.report["output"] == "photo_named.jpg"
    with Image.open(tmp_path / "order" / "result") as marked:
        assert marked.size == (300, 300)
    assert outcome.view is not None
    assert (tmp_path / "order" / "view" / "before.webp").exists()


def test_options_reach_the_rule(work: PhotoWork, astronaut: ByteImage, tmp_path: Path):
    task = PhotoTask(Task.IDENTIFY, restore="never", top=1, method="mean", false_match_rate=0.01)
    told = identity(do(work, tmp_path / "order", someone(astronaut), task))
    assert len(told["candidates"]) == 1
    usual = identity(do(work, tmp_path / "order", someone(astronaut)))
    assert told["threshold"] > usual["threshold"]
    for wrong in (PhotoTask(Task.IDENTIFY, restore="maybe"), PhotoTask(Task.IDENTIFY, method="mean", k=3)):
        with pytest.raises(UsageError):
            do(work, tmp_path / "order", someone(astronaut), wrong)


def test_who_was_renamed_or_removed_is_so_at_once(work: PhotoWork, place: Path, astronaut: ByteImage, tmp_path: Path):
    assert identity(do(work, tmp_path / "order", someone(astronaut)))["name"] == "Eileen"
    with open_gallery(place) as gallery:
        gallery.rename("Eileen", "Colonel")
    assert identity(do(work, tmp_path / "order", someone(astronaut)))["name"] == "Colonel"
    with open_gallery(place) as gallery:
        gallery.remove("Colonel")
    told = identity(do(work, tmp_path / "order", someone(astronaut)))
    assert told["name"] is None
    assert [each["name"] for each in told["candidates"]] == ["Negative"]
    with open_gallery(place) as gallery:
        gallery.remove("Negative")
    with pytest.raises(GalleryError, match="empty"):
        do(work, tmp_path / "order", someone(astronaut))


def test_without_a_gallery_nobody_is_named(astronaut: ByteImage, tmp_path: Path):
    with pytest.raises(UsageError, match="this server knows nobody"):
        do(PhotoWork(Bench(()), UploadLimits()), tmp_path / "order", someone(astronaut))


def test_the_steps_are_told(work: PhotoWork, astronaut: ByteImage, tmp_path: Path):
    steps: list[Step] = []
    do(work, tmp_path / "order", someone(astronaut))
    work.do(tmp_path / "order", PhotoOrder(NEVER, "photo.png"), lambda step, _: steps.append(step))
    assert steps == [Step.READING, Step.FINDING, Step.IDENTIFYING]
