"""`clearface identify`, as people and scripts use it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from tests.people import blurred, make_gallery, save, somebody_else, someone, someone_again, told

from clearface.arrays import ByteImage

Run = Callable[..., Any]

STRANGE = 'Grace "the 😀" O\'Neil <b>' + "x" * 470
"""A name as long and as strange as names may be."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    """A gallery of two people."""
    people = {"Eileen": [someone(astronaut)], STRANGE: [somebody_else(astronaut)]}
    return make_gallery(tmp_path_factory.mktemp("gallery"), people, "flew to space")


@pytest.fixture
def identify(run: Run, place: Path) -> Run:
    """Runs the command with that gallery, without restoring unless that is asked for."""

    def call(*arguments: str | Path) -> Any:
        restoring = () if "--restore" in arguments else ("--restore", "never")
        return run("identify", *arguments, *restoring, *told(place))

    return call


def lines_of(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_a_person_is_named_with_the_errors_to_expect(identify: Run, astronaut: ByteImage, tmp_path: Path):
    photo = save(someone_again(astronaut), tmp_path / "again.png")
    answer = identify(photo)
    assert (answer.code, answer.stderr) == (0, "")
    first, who, expected = answer.stdout.splitlines()
    assert first.startswith(f"{photo}: 1 face found, 1 named in ")
    assert "Eileen, probability 0.9" in who or "Eileen, probability 1.0" in who
    assert "flew to space; https://example.org/" in who
    assert "person1-1.png" in who
    assert "of those known are missed" in expected
    assert "of strangers are named" in expected
    assert list(tmp_path.iterdir()) == [photo]


def test_machines_are_told_the_same_in_one_line(identify: Run, astronaut: ByteImage, tmp_path: Path):
    save(someone_again(astronaut), tmp_path / "a.png")
    save(somebody_else(astronaut), tmp_path / "b.png")
    answer = identify(tmp_path, "--json")
    first, second = lines_of(answer)
    assert answer.code == 0
    assert (first["status"], first["output"], first["error"]) == ("identified", None, None)
    identity = first["faces"][0]["identity"]
    assert (identity["name"], identity["decision"], identity["after"]) == ("Eileen", "named", None)
    assert identity["expected"]["missed"]["count"] == 400
    assert identity["candidates"][0]["link"] == "https://example.org/"
    assert second["faces"][0]["identity"]["name"] == STRANGE


def test_both_looks_are_compared(identify: Run, astronaut: ByteImage, tmp_path: Path):
    photo = save(blurred(someone(astronaut), 2.4), tmp_path / "blurred.png")
    said = identify(photo, "--restore", "both").stdout
    assert "before restoring it is unknown, after restoring Eileen" in said
    assert "0 named" in said
    (line,) = lines_of(identify(photo, "--restore", "both", "--json"))
    identity = line["faces"][0]["identity"]
    assert (identity["name"], identity["before"]["name"], identity["after"]["name"]) == (None, None, "Eileen")
    assert "the two disagree, so nobody is named" in identity["disagreement"]


def test_the_same_photo_under_two_names_is_a_tie(run: Run, astronaut: ByteImage, tmp_path: Path):
    folder = tmp_path / "gallery"
    folder.mkdir()
    twice = make_gallery(folder, {"Eileen": [someone(astronaut)], "Marie": [someone(astronaut)]})
    photo = save(someone_again(astronaut), tmp_path / "again.png")
    answer = run("identify", photo, "--restore", "never", *told(twice))
    assert answer.code == 0
    assert "tied, so nobody is named: Eileen (" in answer.stdout
    assert "; Marie (" in answer.stdout


def test_a_photo_without_a_face_is_no_failure(identify: Run, meadow: Path):
    answer = identify(meadow)
    assert (answer.code, answer.stdout, answer.stderr) == (0, f"{meadow}: no face found\n", "")


def test_how_many_people_are_told(identify: Run, astronaut: ByteImage, tmp_path: Path):
    photo = save(someone_again(astronaut), tmp_path / "again.png")
    for top, count in ((1, 1), (2, 2), (9, 2)):
        (line,) = lines_of(identify(photo, "--json", "--top", str(top)))
        assert len(line["faces"][0]["identity"]["candidates"]) == count


def test_rules_change_who_is_named(identify: Run, astronaut: ByteImage, tmp_path: Path):
    photo = save(blurred(someone(astronaut), 2.0), tmp_path / "blurred.png")
    for options, name in (
        ((), None),
        (("--false-match-rate", "0.05"), "Eileen"),
        (("--false-match-rate", "0.05", "--method", "mean"), "Eileen"),
        (("--false-match-rate", "0.05", "--k", "1", "--weights", "uniform"), "Eileen"),
    ):
        (line,) = lines_of(identify(photo, "--json", *options))
        assert line["faces"][0]["identity"]["name"] == name


def test_grey_photos_of_92_by_112_pixels(identify: Run, astronaut: ByteImage, tmp_path: Path):
    crop = Image.fromarray(someone(astronaut)).crop((50, 20, 205, 208)).resize((92, 112)).convert("L")
    photo = tmp_path / "1.pgm"
    crop.save(photo)
    (line,) = lines_of(identify(photo, "--json"))
    (face,) = line["faces"]
    assert face["identity"]["candidates"][0]["name"] == "Eileen"
    assert face["identity"]["size"] < 130


def test_gif_files_without_a_suffix(identify: Run, astronaut: ByteImage, tmp_path: Path):
    photo = tmp_path / "subject01"
    Image.fromarray(someone(astronaut)).convert("L").save(photo, "GIF")
    (line,) = lines_of(identify(photo, "--json"))
    assert line["faces"][0]["identity"]["name"] == "Eileen"


def test_a_corrupt_photo_does_not_stop_the_others(identify: Run, astronaut: ByteImage, tmp_path: Path):
    good = save(someone_again(astronaut), tmp_path / "b.png")
    bad = tmp_path / "a.png"
    bad.write_bytes(good.read_bytes()[:300])
    answer = identify(bad, good)
    assert answer.code == 1
    assert "Eileen" in answer.stdout
    assert "a.png" in answer.stderr
    assert "a.png" not in answer.stdout


def test_marked_photos_are_saved_beside(identify: Run, astronaut: ByteImage, tmp_path: Path):
    photo = save(somebody_else(astronaut), tmp_path / "else.png")
    answer = identify(photo, "--save-boxes")
    assert answer.code == 0
    marked = tmp_path / "else_named.png"
    assert f"{photo} -> {marked}: 1 face found" in answer.stdout
    before, after = (np.asarray(Image.open(path).convert("RGB")) for path in (photo, marked))
    rows = np.flatnonzero((before != after).any((1, 2)))
    (line,) = lines_of(identify(photo, "--json"))
    assert rows.max() > line["faces"][0]["box"][3] + 3
    assert "exists already" in identify(photo, "--save-boxes").stderr
    assert identify(photo, "--save-boxes", "--existing", "overwrite").code == 0


def test_marked_photos_are_saved_elsewhere(identify: Run, astronaut: ByteImage, tmp_path: Path):
    photo = save(someone(astronaut), tmp_path / "one.png")
    assert identify(photo, "-o", tmp_path / "out.jpg", "--quiet").code == 0
    with Image.open(tmp_path / "out.jpg") as marked:
        assert (marked.format, marked.size) == ("JPEG", (300, 300))


def test_lists_of_faces_are_written(identify: Run, astronaut: ByteImage, tmp_path: Path):
    photo = save(someone(astronaut), tmp_path / "one.png")
    answer = identify(photo, "--sidecar", "--quiet")
    assert (answer.code, answer.stdout) == (0, "")
    assert (tmp_path / "one.faces.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--restore", "maybe"), "--restore maybe: there is no such choice"),
        (("--method", "vote"), "method"),
        (("--method", "mean", "--k", "2"), "k and weights are for knn"),
        (("--false-match-rate", "2"), "between 0 and 1"),
        (("--false-match-rate", "1e-9"), "cannot be told"),
        (("--save-boxes", "--output", "x.png"), "give one of the two"),
        (("--existing", "skip"), "leave it out"),
        (("--quiet",), "--quiet says nothing"),
        (("--json", "--quiet", "--save-boxes"), "give one of the two"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(identify: Run, portrait: Path, options: tuple[str, ...], words: str):
    answer = identify(portrait, *options)
    assert (answer.code, answer.stdout) == (2, "")
    assert words in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_an_unknown_embedder_is_wrong_usage(run: Run, portrait: Path, place: Path):
    answer = run("identify", portrait, "--gallery", place, "--embedder", "dlibb")
    assert (answer.code, answer.stderr) == (2, 'clearface: there is no embedder "dlibb": did you mean "dlib"?\n')


def test_galleries_that_cannot_serve_are_failures(run: Run, portrait: Path, place: Path, tmp_path: Path):
    answer = run("identify", portrait, "--gallery", tmp_path / "none.sqlite", "--embedder", "lbp")
    assert answer.code == 1
    assert "there is no gallery yet" in answer.stderr
    assert not (tmp_path / "none.sqlite").exists()
    no_gallery = tmp_path / "text.sqlite"
    no_gallery.write_text("no database")
    answer = run("identify", portrait, "--gallery", no_gallery, "--embedder", "lbp")
    assert answer.code == 1
    assert answer.stderr.count("\n") == 1
    assert no_gallery.read_text() == "no database"


def test_the_faces_of_a_video_are_named_by_their_tracks(identify: Run, astronaut: ByteImage, tmp_path: Path):
    path = tmp_path / "film.mp4"
    picture = np.concatenate([someone(astronaut), somebody_else(astronaut)[:, 30:330]], 1)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 600, 300, "yuv420p"
        stream.options = {"crf": "10", "preset": "ultrafast"}
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    *frames, line = lines_of(identify(path, "--json"))
    assert len(frames) == 10
    assert (line["status"], line["output"]) == ("identified", None)
    assert {track["identity"]["name"] for track in line["tracks"]} == {"Eileen", STRANGE}
    assert list(tmp_path.iterdir()) == [path]
    said = identify(path).stdout
    assert "2 faces found, 2 named in 10 frames" in said
    assert "Eileen, probability" in said
