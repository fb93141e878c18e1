"""Names of photos are shown, and never lead anywhere."""

import pytest

from clearface.server.http.names import clean_text, extra_name, media_type_of_name, photo_name, result_name
from clearface.server.http.streams import disposition
from clearface.server.orders import Outcome, Task


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("portrait.jpg", "portrait.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\me.jpg", "me.jpg"),
        ("image<script>.jpg", "image<script>.jpg"),
        ("a\r\nSet-Cookie: x\x00\x1b[31m.jpg", "aSet-Cookie: x[31m.jpg"),
        ("gnp.\u202egpj", "gnp.gpj"),
        ("lone \ud800 surrogate.jpg", "lone  surrogate.jpg"),
        ("Größe 日本.jpg", "Größe 日本.jpg"),
        ("", "photo-3"),
        (None, "photo-3"),
        ("..", "photo-3"),
        ("photos/", "photo-3"),
    ],
)
def test_what_a_photo_is_called(told: str | None, shown: str) -> None:
    assert photo_name(told, 3) == shown


def test_names_do_not_grow_without_end() -> None:
    assert len(photo_name("x" * 100_000, 1)) == 200
    assert clean_text("\x00" * 10_000 + "late") == ""


def test_results_are_taken_home_under_plain_names() -> None:
    outcome = Outcome({}, extension=".png")
    assert result_name("my photo.jpg", 1, Task.RESTORE, outcome) == "my_photo_restored.png"
    assert result_name("日本.jpg", 4, Task.DETECT, outcome) == "photo-4_faces.png"
    assert extra_name("me.jpg", 1, Task.RESTORE, "_boxes.png") == "me_restored_boxes.png"


@pytest.mark.parametrize("name", ['a"; evil="b.png', "a\r\nX: y.png", "../a.png", "日本.png", ""])
def test_a_name_cannot_break_out_of_its_header(name: str) -> None:
    value = disposition(name)
    assert value.startswith('attachment; filename="')
    assert value.count('"') == 2
    assert not set(value) & set("\r\n/\\")


def test_media_types_are_known_of_pictures_alone() -> None:
    assert [media_type_of_name(name) for name in ("a.webp", "b.PNG", "c.svg")] == [
        "image/webp",
        "image/png",
        "application/octet-stream",
    ]
