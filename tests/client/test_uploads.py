"""Photos and options on their way."""

import dataclasses
import inspect
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from clearface.client import Client, PhotoTask, Task
from clearface.client.uploads import NamedPhoto, option_fields, read_photo_source
from clearface.errors import PhotoError

OPTIONS = {field.name: field.default for field in dataclasses.fields(PhotoTask) if field.name != "task"}

OF_HIDING = {
    *("mode", "shape", "scale", "feather", "strength", "colour"),
    *("keep", "only", "also", "keep_gps", "rotations"),
}
"""Options no other task has."""

OF_NAMING = {"restore", "top", "false_match_rate", "method", "k", "weights"}
"""Options of `identify` alone."""


def test_photos_are_paths_bytes_or_open_files(portrait):
    data = portrait.read_bytes()
    named = NamedPhoto("portrait.jpg", data)
    assert read_photo_source(portrait) == named
    assert read_photo_source(str(portrait)) == named
    with portrait.open("rb") as file:
        assert read_photo_source(file) == named
    assert read_photo_source(data) == NamedPhoto("photo", data)
    assert read_photo_source(BytesIO(data)) == NamedPhoto("photo", data)


@pytest.mark.parametrize("name", ["missing.jpg", "nul\0.jpg", ""])
def test_what_cannot_be_read_is_told(name, tmp_path):
    with pytest.raises(PhotoError):
        read_photo_source(tmp_path / name if name else tmp_path)


def test_only_what_differs_is_sent():
    assert option_fields(PhotoTask(Task.RESTORE)) == []
    task = PhotoTask(Task.RESTORE, tv=1e-05, restore_anyway=True, linear_light=False, iterations=3, metadata="strip")
    assert option_fields(task) == [
        ("iterations", "3"),
        ("tv", "1e-05"),
        ("linear_light", "false"),
        ("restore_anyway", "true"),
        ("metadata", "strip"),
    ]


def test_restore_has_every_option_and_passes_each_on(monkeypatch):
    parameters = inspect.signature(Client.restore).parameters
    spelled = {name: parameter.default for name, parameter in parameters.items() if name not in ("self", "photo")}
    known = OPTIONS.keys() - OF_HIDING - OF_NAMING
    assert spelled == {name: OPTIONS[name] for name in known}
    sent = sent_options(monkeypatch, Client.restore)
    assert sent == {"task": Task.RESTORE, **OPTIONS, **{name: other_than(OPTIONS[name]) for name in known}}


def test_detect_has_the_options_of_the_command_line_and_passes_each_on(monkeypatch):
    sent = sent_options(monkeypatch, Client.detect)
    known = ("detector", "threshold", "min_size", "largest", "centre")
    assert sent == {"task": Task.DETECT, **OPTIONS, **{name: other_than(OPTIONS[name]) for name in known}}


class Sent(Exception):
    pass


def sent_options(monkeypatch: pytest.MonkeyPatch, call: Callable[..., object]) -> dict[str, Any]:
    """What a call makes of options that are all unlike the usual."""

    def take(client, photo, task):
        raise Sent(task)

    monkeypatch.setattr(Client, "_work_on", take)
    names = [name for name in inspect.signature(call).parameters if name not in ("self", "photo")]
    with pytest.raises(Sent) as caught:
        call(Client(), b"", **{name: other_than(OPTIONS[name]) for name in names})
    sent: dict[str, Any] = dataclasses.asdict(caught.value.args[0])
    return sent


def other_than(default: Any) -> Any:
    return f"not {default}" if not isinstance(default, bool) else not default
