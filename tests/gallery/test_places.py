"""Where galleries lie, as it is typed."""

import shlex
from pathlib import Path

import pytest

from clearface.errors import UsageError
from clearface.gallery.places import PLACE_VARIABLE, find_place


def test_a_path_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    whole = tmp_path / "a b.sqlite"
    for place in (
        "a b.sqlite",
        Path("a b.sqlite"),
        whole,
        "./x/../a b.sqlite",
        "sqlite:///a b.sqlite",
        f"sqlite:///{whole}",
    ):
        found = find_place(place)
        assert (found.path, found.told) == (whole, True)
        assert found.url.database == str(whole)
        assert shlex.split(found.option) == ["--gallery", str(whole)]
    assert find_place("~/g.sqlite").path == tmp_path / "home" / "g.sqlite"


def test_without_a_place_it_is_the_environments_or_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE_VARIABLE, str(tmp_path / "mine.sqlite"))
    assert find_place(None).path == tmp_path / "mine.sqlite"
    assert find_place(None).option == ""  # a command finds it by itself
    assert find_place(str(tmp_path / "mine.sqlite")).option == ""
    assert find_place(str(tmp_path / "other.sqlite")).option
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for unset in ("", None):
        if unset is None:
            monkeypatch.delenv(PLACE_VARIABLE)
        else:
            monkeypatch.setenv(PLACE_VARIABLE, unset)
        usual = find_place(None)
        assert usual.path is not None
        assert usual.path.name == "gallery.sqlite"
        assert tmp_path in usual.path.parents
        assert usual.option == ""


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_is_a_server_and_its_password_is_never_shown(scheme: str) -> None:
    found = find_place(f"{scheme}://ann:s3cret@host:5433/people?sslmode=require")
    assert found.path is None
    assert found.url.drivername == "postgresql+psycopg"
    assert found.url.password == "s3cret"
    assert found.shown == "postgresql://ann:***@host:5433/people?sslmode=require"
    assert "s3cret" not in found.option


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("", "the gallery's place is empty"),
        ("  ", "the gallery's place is empty"),
        ("a\0b", "cannot be the name of a gallery"),
        ("/", "cannot be the name of a gallery"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://localhost/people", "mysql: galleries are kept in SQLite and PostgreSQL"),
        ("https://example.org/people", "https: galleries are kept in SQLite and PostgreSQL"),
        ("postgresql://ann:s3cret@host:port/people", "a URL that cannot be read"),
        ("://", "a URL that cannot be read"),
    ],
)
def test_places_nobody_can_mean(place: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as caught:
        find_place(place)
    assert str(caught.value).isprintable()
    assert "s3cret" not in str(caught.value)
