"""`clearface gallery` as it is typed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from clearface.arrays import ByteImage

Run = Callable[..., Any]


@pytest.fixture
def photos(tmp_path: Path, astronaut: ByteImage, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of photos of one person; the gallery is another place beside it."""
    monkeypatch.setenv("CLEARFACE_GALLERY", str(tmp_path / "data" / "gallery.sqlite"))
    folder = tmp_path / "people" / "Eileen"
    folder.mkdir(parents=True)
    picture = Image.fromarray(astronaut[:256, 96:352])
    picture.save(folder / "1.png")
    picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "2.png")
    return folder


def test_every_verb(photos: Path, run: Run, tmp_path: Path) -> None:
    missing = run("gallery", "list")
    assert (missing.code, missing.stdout) == (1, "")
    assert "there is no gallery yet: `clearface gallery add NAME PHOTO...` makes one" in missing.stderr
    added = run(
        "gallery", "add", "Eileen", photos, tmp_path / "gone.jpg", "--embedder", "lbp", "--description", "pilot"
    )
    assert added.code == 1
    assert added.stdout.count('added to "Eileen"') == 2
    assert "gone.jpg: there is no such file" in added.stderr
    again = run("gallery", "add", "--folder", photos.parent, "--embedder", "lbp", "--json")
    assert again.code == 0
    assert [json.loads(line)["news"] for line in again.stdout.splitlines()] == ["already-there"] * 2
    assert run("gallery", "list").stdout == "Eileen (2 photos): pilot\n"
    shown = json.loads(run("gallery", "show", "eileen", "--json", "--save-faces", tmp_path / "faces").stdout)
    assert [face["number"] for face in shown["faces"]] == [1, 2]
    assert sorted(path.name for path in (tmp_path / "faces").iterdir()) == ["face-1.webp", "face-2.webp"]
    assert run("gallery", "describe", "Eileen", "--link", "https://example.org").code == 0
    assert run("gallery", "rename", "Eileen", "E. Collins").stdout == '"Eileen" is called "E. Collins" now\n'
    assert run("gallery", "add", "Eileen", photos / "1.png", "--embedder", "lbp").code == 0
    assert "who has 2 photos now" in run("gallery", "merge", "E. Collins", "Eileen").stdout
    assert run("gallery", "export", tmp_path / "all.zip").code == 0
    assert "exists already" in run("gallery", "export", tmp_path / "all.zip").stderr
    stats = json.loads(run("gallery", "stats", "--json").stdout)
    assert (stats["people"], stats["faces"], stats["schema_version"]) == (1, 2, "1")
    assert "2 photos embedded anew" in run("gallery", "reembed", "--embedder", "lbp").stdout
    unasked = run("gallery", "remove", "E. Collins")
    assert (unasked.code, "give --yes" in unasked.stderr) == (2, True)
    assert run("gallery", "remove", "E. Collins", "--face", "1", "--yes").code == 0
    assert run("gallery", "remove", "E. Collins", "--yes").stdout.startswith('removed: "E. Collins" and 1 photo;')
    assert run("gallery", "list").stdout == "nobody is in this gallery\n"
    assert run("gallery", "import", tmp_path / "all.zip").stdout.endswith("1 person added\n")
    assert "E. Collins (2 photos): pilot" in run("gallery", "list").stdout


@pytest.mark.parametrize(("reply", "gone"), [(True, True), (False, False)])
def test_on_a_terminal_it_asks(
    photos: Path, run: Run, monkeypatch: pytest.MonkeyPatch, reply: bool, gone: bool
) -> None:
    run("gallery", "add", "Eileen", photos / "1.png", "--embedder", "lbp")
    asked: list[str] = []

    def confirm(question: str, **_: object) -> bool:
        asked.append(question)
        return reply

    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("typer.confirm", confirm)
    assert run("gallery", "remove", "eileen").code == 0
    assert asked == ['Remove "Eileen" with 1 photo for good?']
    assert ("nobody" in run("gallery", "list").stdout) is gone


def test_calls_nobody_can_mean(photos: Path, run: Run, tmp_path: Path) -> None:
    for arguments, sentence in (
        (("add",), "say who is to be added"),
        (("add", "Ann"), 'name the photos of "Ann"'),
        (("add", "Ann", "x.jpg", "--folder", photos), "say who is to be added"),
        (("add", "--folder", photos.parent, "--link", "https://example.org"), "told of one person"),
        (("add", "n" * 501, photos / "1.png", "--embedder", "lbp"), "501 characters"),
        (("add", "Ann", photos / "1.png", "--embedder", "fisherface"), 'did you mean "fisherfaces"'),
        (("describe", "Ann"), "say what is to be told"),
        (("list", "--gallery", ""), "the gallery's place is empty"),
        (("list", "--gallery", "mysql://localhost/people"), "galleries are kept in SQLite and PostgreSQL"),
        (("fit", "eigenface", photos.parent, "-o", tmp_path / "m.npz"), 'did you mean "eigenfaces"'),
    ):
        answer = run("gallery", *arguments)
        assert (answer.code, answer.stdout) == (2, ""), arguments
        assert sentence in answer.stderr
    assert not (tmp_path / "data" / "gallery.sqlite").exists() or "nobody" in run("gallery", "list").stdout


def test_names_nobody_has(photos: Path, run: Run) -> None:
    assert run("gallery", "add", "Ann", photos / "1.png", "--embedder", "lbp").code == 0
    for name, shown in (
        ("Anm", '"Anm": did you mean "Ann"?'),
        ("\udcff", '"\\udcff": choose from Ann'),  # a byte that is no UTF-8
        ("a\nb\x1b[31m", '"a\\nb\\x1b[31m": choose from Ann'),
        ("n" * 3000, f'"{"n" * 40}...": `clearface gallery list` tells who there is'),
        ("", '"": choose from Ann'),
    ):
        for call in (("show", name), ("remove", name, "--yes"), ("rename", name, "Bob"), ("merge", name, "Ann")):
            answer = run("gallery", *call)
            assert (answer.code, answer.stdout) == (1, "")
            assert f"there is nobody called {shown}" in answer.stderr
            assert answer.stderr.count("\n") == 1
    assert run("gallery", "list").stdout == "Ann (1 photo)\n"
