"""Hiding by who people are: those of a gallery kept or hidden alone, in photos and films, on the command line and in Python."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageFilter

import clearface
from clearface.arrays import ByteImage
from clearface.choosing import FaceChoice
from clearface.detectors.registry import build_detector
from clearface.embedders.registry import build_embedder
from clearface.errors import UsageError
from clearface.film_api import hide_film
from clearface.films.settings import FilmSettings
from clearface.gallery.adding import FaceTaker, NewPerson, add_person
from clearface.gallery.opening import open_gallery
from clearface.people_choosing import PeopleChoice, opened_people
from clearface.recognition.conditions import ConditionBin
from clearface.recognition.error_tables import write_error_table
from clearface.recognition.identify_looks import FaceReader
from clearface.recognition.identify_opening import IdentifyOptions
from clearface.recognition.measuring_tables import PairDistances, measure_error_table
from clearface.restorers.smfd.estimator import BlurEstimator
from clearface.sidecars import SidecarFace, SidecarFrame, SidecarHeader, sidecar_lines
from clearface.tracking.base import TrackedFace

Run = Callable[..., Any]

SIDE = 170
TOP = 40
LEFTS = (15, 215)
"""Columns at which the heads begin: of whoever stands on the left, and on the right."""


def head(astronaut: ByteImage) -> ByteImage:
    return np.asarray(Image.fromarray(astronaut[:200, 120:320]).resize((SIDE, SIDE)))


def stranger(astronaut: ByteImage) -> ByteImage:
    """A face of another texture, further from the astronaut's than photos of one person are: her negative."""
    return 255 - head(astronaut)


def scene(*heads: ByteImage | None) -> ByteImage:
    """Heads side by side before grass."""
    picture = np.repeat(skimage.data.grass()[:256, :400, None], 3, axis=2)
    for left, face in zip(LEFTS, heads, strict=False):
        if face is not None:
            picture[TOP : TOP + SIDE, left : left + SIDE] = face
    return picture


def middle(picture: ByteImage, left: int) -> ByteImage:
    """Eyes to mouth of a head that begins at a column."""
    return picture[TOP + 62 : TOP + 138, left + 58 : left + 112]


def detail(picture: ByteImage) -> float:
    grey = picture.astype(np.float64).mean(2)
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def hidden_at(before: ByteImage, after: ByteImage, left: int) -> bool:
    """Whether a head is hidden; it is either that or as it was."""
    share = detail(middle(after, left)) / detail(middle(before, left))
    assert share < 0.4 or share > 0.8, share
    return share < 0.4


@pytest.fixture(scope="module")
def apart(astronaut: ByteImage) -> float:
    """How far the two are apart for the embedder."""
    reader = FaceReader(build_embedder("lbp"), BlurEstimator.from_folder())
    pictures = [scene(face) for face in (head(astronaut), stranger(astronaut))]
    (one,), (other,) = [reader.read(picture, clearface.detect(picture)[:1]) for picture in pictures]
    return float(1 - one.vector @ other.vector)


def errors(path: Path, apart: float, size_from: float = 0.0, genuine: int = 4_000, impostors: int = 40_000) -> Path:
    """Errors as they would be measured of an embedder that parts these two, in faces of a size and any blur."""
    random = np.random.default_rng(0)
    near, far = random.uniform(0.0, 0.6, genuine), random.uniform(0.65, 1.5, impostors)
    pairs = {ConditionBin(size_from, None): PairDistances(near * apart, far * apart)}
    write_error_table(measure_error_table(build_embedder("lbp"), "made up", pairs), path)
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, apart: float) -> Path:
    return errors(tmp_path_factory.mktemp("errors") / "lbp.errors.json", apart)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    """Anna is the astronaut; Otto is nobody who is ever seen: a picture of her too blurred to be like her."""
    folder = tmp_path_factory.mktemp("gallery")
    portrait = Image.fromarray(astronaut[:300, 80:380])
    portrait.save(folder / "anna.png")
    portrait.filter(ImageFilter.GaussianBlur(5)).save(folder / "otto.png")
    place = folder / "people.sqlite"
    with open_gallery(place, must_exist=False) as opened:
        taker = FaceTaker(build_detector("centerface"), build_embedder("lbp"))
        for name in ("anna", "otto"):
            add_person(opened, NewPerson(name.capitalize(), (folder / f"{name}.png",)), taker)
        assert [len(person.faces) for person in opened.people()] == [1, 1]
    return place


@pytest.fixture
def options(gallery: Path, table: Path) -> tuple[str | Path, ...]:
    return ("--gallery", gallery, "--embedder", "lbp", "--error-table", table)


@pytest.fixture
def both(tmp_path: Path, astronaut: ByteImage) -> Path:
    """A photo of the astronaut on the left and the stranger on the right."""
    path = tmp_path / "both.png"
    Image.fromarray(scene(head(astronaut), stranger(astronaut))).save(path)
    return path


def opened(path: Path) -> ByteImage:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def seen(before: Path, after: Path) -> tuple[bool, bool]:
    """Whether the heads on the left and on the right are hidden."""
    pictures = opened(before), opened(after)
    return hidden_at(*pictures, LEFTS[0]), hidden_at(*pictures, LEFTS[1])


def test_people_of_the_gallery_are_kept_and_strangers_hidden(
    run: Run, both: Path, options: tuple[Any, ...], tmp_path: Path
) -> None:
    output = tmp_path / "kept.png"
    answer = run("hide", both, "-o", output, "--keep-people", "--person", "anna", *options, "--sidecar")
    assert answer.code == 0, answer.stderr
    assert "kept: Anna; hidden: 1 unnamed" in answer.stdout
    assert seen(both, output) == (False, True)
    listed = json.loads((tmp_path / "kept.faces.jsonl").read_text().splitlines()[1])["faces"]
    assert sorted((face["hide"], face.get("name")) for face in listed) == [(False, "Anna"), (True, None)]


def test_one_of_the_gallery_is_hidden_and_nobody_else(
    run: Run, both: Path, options: tuple[Any, ...], tmp_path: Path
) -> None:
    output = tmp_path / "hidden.png"
    answer = run("hide", both, "-o", output, "--only-people", "--person", "ANNA", *options, "--json")
    assert answer.code == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert sorted((face["hidden"], face.get("name")) for face in told["faces"]) == [(False, None), (True, "Anna")]
    assert any(
        "hidden as perhaps one of those to hide: Anna; left visible: 1 unnamed" in note for note in told["notes"]
    )
    assert seen(both, output) == (True, False)


def test_a_photo_of_nobody_known_is_hidden_all_over_and_that_is_said(
    run: Run, astronaut: ByteImage, options: tuple[Any, ...], tmp_path: Path
) -> None:
    photo = tmp_path / "stranger.png"
    Image.fromarray(scene(None, stranger(astronaut))).save(photo)
    output = tmp_path / "out.png"
    answer = run("hide", photo, "-o", output, "--keep-people", "--person", "Anna", *options)
    assert answer.code == 0, answer.stderr
    assert "nobody to be kept was recognized with certainty, so every face is hidden" in answer.stdout
    assert hidden_at(opened(photo), opened(output), LEFTS[1])


def test_faces_to_keep_are_kept_beside_people_to_keep(
    run: Run, both: Path, options: tuple[Any, ...], tmp_path: Path
) -> None:
    output = tmp_path / "out.png"
    answer = run("hide", both, "-o", output, "--keep-people", "--keep", f"{LEFTS[1]},0,400,256", *options)
    assert answer.code == 0, answer.stderr
    assert seen(both, output) == (False, False)
    output = tmp_path / "other.png"
    options = ("--only-people", "--person", "Anna", *options)
    answer = run("hide", both, "-o", output, "--only", f"{LEFTS[1]},0,400,256", *options)
    assert answer.code == 0, answer.stderr
    assert seen(both, output) == (True, True)


def test_a_table_of_few_pairs_is_said_to_be_less_sure(
    run: Run, both: Path, gallery: Path, apart: float, tmp_path: Path
) -> None:
    few = errors(tmp_path / "few.errors.json", apart, genuine=100, impostors=600)
    asked = ("hide", both, "-o", tmp_path / "out.png", "--keep-people", "--gallery", gallery, "--embedder", "lbp")
    answer = run(*asked, "--error-table", few)
    assert answer.code == 0, answer.stderr
    assert "kept: Anna (at a false-match rate of 0.005, the strictest their errors can tell)" in answer.stdout
    refused = run(*asked, "--error-table", few, "--false-match-rate", "0.0001", "--existing", "overwrite")
    assert refused.code == 2
    assert "0.005" in refused.stderr


@pytest.mark.parametrize("mode", ["--keep-people", "--only-people"])
def test_a_condition_nobody_measured_is_doubt(
    run: Run, both: Path, gallery: Path, apart: float, tmp_path: Path, mode: str
) -> None:
    """What was measured on larger faces says nothing of smaller ones: they are hidden either way."""
    large, output = errors(tmp_path / "large.errors.json", apart, size_from=900.0), tmp_path / "out.png"
    options = ("--gallery", gallery, "--embedder", "lbp", "--error-table", large)
    answer = run("hide", both, "-o", output, mode, *options)
    assert answer.code == 0, answer.stderr
    assert seen(both, output) == (True, True)


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        (("--keep-people", "--only-people"), 2, "give one of the two"),
        (("--keep-people", "--only", "1"), 2, "give one of the two"),
        (("--only-people", "--keep", "1"), 2, "give one of the two"),
        (("--person", "Anna"), 2, "do nothing without --keep-people"),
        (("--gallery", "people.sqlite"), 2, "do nothing without --keep-people"),
        (("--only-people", "--false-match-rate", "0.001"), 2, "false-match rate"),
        (("--keep-people", "--false-match-rate", "2"), 2, "false-match rate"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    run: Run, both: Path, tmp_path: Path, typed: tuple[str, ...], code: int, words: str
) -> None:
    answer = run("hide", both, "-o", tmp_path / "out.png", *typed)
    assert answer.code == code
    assert words in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["both.png"]


def test_a_name_nobody_has_is_told_with_the_nearest(
    run: Run, both: Path, options: tuple[Any, ...], tmp_path: Path
) -> None:
    answer = run("hide", both, "-o", tmp_path / "out.png", "--keep-people", "--person", "Ana", *options)
    assert answer.code == 1
    assert 'did you mean "Anna"?' in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["both.png"]


def test_galleries_that_cannot_be_used_are_told(
    run: Run, both: Path, gallery: Path, table: Path, tmp_path: Path
) -> None:
    def refusal(*typed: str | Path) -> str:
        answer = run("hide", both, "-o", tmp_path / "out.png", "--keep-people", *typed)
        assert answer.code == 1
        assert not (tmp_path / "out.png").exists()
        return str(answer.stderr)

    empty, missing = tmp_path / "empty.sqlite", tmp_path / "nowhere.sqlite"
    open_gallery(empty, must_exist=False).close()
    lbp = ("--embedder", "lbp", "--error-table", table)
    assert "empty" in refusal("--gallery", empty, *lbp)
    assert "nowhere.sqlite" in refusal("--gallery", missing, *lbp)
    assert not missing.exists()
    dlib = pytest.importorskip("dlib")
    assert dlib
    assert "reembed" in refusal("--gallery", gallery, "--embedder", "dlib", "--error-table", table)
    assert "nobody has measured" in refusal("--gallery", gallery, "--embedder", "lbp")


def choice(gallery: Path, table: Path, keep: bool, *names: str) -> PeopleChoice:
    return PeopleChoice(keep, names, IdentifyOptions(gallery, "lbp", error_table=table))


def test_in_python_for_one_picture_and_for_many(gallery: Path, table: Path, astronaut: ByteImage) -> None:
    picture = scene(head(astronaut), stranger(astronaut))
    kept = clearface.hide(picture, people=choice(gallery, table, True, "Anna"))
    assert [hidden_at(picture, kept, left) for left in LEFTS] == [False, True]
    with opened_people(choice(gallery, table, False, "Anna")) as judge:
        for own in (picture, (picture.astype(np.uint16) * 257)):
            hidden = clearface.hide(own, people=judge)
            after = (hidden >> 8 if hidden.dtype == np.uint16 else hidden).astype(np.uint8)
            assert [hidden_at(picture, after, left) for left in LEFTS] == [True, False]
        with pytest.raises(UsageError, match="give one of the two"):
            clearface.hide(picture, choice=FaceChoice(keep=(1,)), people=judge)


def test_a_face_the_transparency_shows_too_is_not_kept(gallery: Path, table: Path, astronaut: ByteImage) -> None:
    """In the transparency there may be somebody else at the same place."""
    picture = scene(head(astronaut), None)
    drawn = np.dstack([picture, scene(stranger(astronaut), None).mean(2).astype(np.uint8)])
    kept = clearface.hide(drawn, people=choice(gallery, table, True))
    assert hidden_at(picture, np.ascontiguousarray(kept[..., :3]), LEFTS[0])


def film(path: Path, frames: list[ByteImage], rate: int = 10) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "8", "preset": "ultrafast"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode(None))
    return path


def frames_of(path: Path) -> list[ByteImage]:
    with av.open(path) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    """A film of both for two and a half seconds."""
    picture = scene(head(astronaut), stranger(astronaut))
    return film(tmp_path_factory.mktemp("two") / "two.mp4", [np.roll(picture, number % 3, 1) for number in range(25)])


def hidden_in_frames(before: Path, after: Path, left: int) -> list[bool]:
    pairs = zip(frames_of(before), frames_of(after), strict=True)
    return [hidden_at(*pair, left + number % 3) for number, pair in enumerate(pairs)]


def test_in_a_film_one_is_kept_and_the_other_hidden_in_every_frame(
    run: Run, two: Path, options: tuple[Any, ...], tmp_path: Path
) -> None:
    output = tmp_path / "kept.mp4"
    answer = run("hide", two, "-o", output, "--keep-people", "--person", "Anna", *options, "--sidecar")
    assert answer.code == 0, answer.stderr
    assert "kept: Anna; hidden: 1 unnamed" in answer.stdout
    assert "(Anna)" in answer.stdout
    assert not any(hidden_in_frames(two, output, LEFTS[0]))
    assert all(hidden_in_frames(two, output, LEFTS[1]))
    lines = [json.loads(line) for line in (tmp_path / "kept.faces.jsonl").read_text().splitlines()[1:]]
    assert {(face["hide"], face.get("name")) for line in lines for face in line["faces"]} == {
        (False, "Anna"),
        (True, None),
    }
    again = tmp_path / "again.mp4"
    assert run("hide", two, "-o", again, "--from-json", tmp_path / "kept.faces.jsonl").code == 0
    assert not any(hidden_in_frames(two, again, LEFTS[0]))
    assert all(hidden_in_frames(two, again, LEFTS[1]))


def test_in_a_film_one_is_hidden_and_the_other_is_not(two: Path, gallery: Path, table: Path, tmp_path: Path) -> None:
    output = tmp_path / "hidden.mp4"
    report = hide_film(two, output, people=choice(gallery, table, False, "Anna"))
    assert any("hidden as perhaps one of those to hide: Anna" in note for note in report.notes)
    assert all(hidden_in_frames(two, output, LEFTS[0]))
    assert not any(hidden_in_frames(two, output, LEFTS[1]))


def test_who_takes_the_place_of_somebody_kept_is_never_seen(
    gallery: Path, table: Path, astronaut: ByteImage, tmp_path: Path
) -> None:
    """One track, two people: what follows faces is told that they are one."""
    kept, other = head(astronaut), stranger(astronaut)
    swapped = 17
    source = film(tmp_path / "swap.mp4", [scene(kept if number < swapped else other) for number in range(36)])
    face = SidecarFace(TrackedFace(1, clearface.detect(scene(kept))[0]))
    lines = sidecar_lines(
        SidecarHeader("swap.mp4", 400, 256, 10.0), (SidecarFrame(number, 0.0, (face,)) for number in range(1, 37))
    )
    settings = FilmSettings(told=tmp_path / "one.faces.jsonl")
    (tmp_path / "one.faces.jsonl").write_bytes(b"".join(lines))
    output = tmp_path / "out.mp4"
    report = hide_film(source, output, people=choice(gallery, table, True, "Anna"), settings=settings)
    pairs = list(zip(frames_of(source), frames_of(output), strict=True))
    hidden = [hidden_at(*pair, LEFTS[0]) for pair in pairs]
    assert all(hidden[swapped:])
    assert not any(hidden[: swapped - 3])
    assert any("Anna" in note for note in report.notes)
    assert [track.track for track in report.tracks] == [1]
    again = hide_film(source, tmp_path / "only.mp4", people=choice(gallery, table, False, "Anna"), settings=settings)
    hidden = [
        hidden_at(*pair, LEFTS[0]) for pair in zip(frames_of(source), frames_of(tmp_path / "only.mp4"), strict=True)
    ]
    assert all(hidden[:swapped])
    assert again.frames == 36
