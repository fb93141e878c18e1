"""What `clearface serve` is told in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clearface.errors import ModelError, UsageError
from clearface.server.command import networks_of, read_token, run_work
from clearface.server.settings import ServerSettings

TOKEN = "correct-horse-battery-staple"


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLEARFACE_TOKEN", raising=False)


def test_the_token_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_token(None) is None
    monkeypatch.setenv("CLEARFACE_TOKEN", TOKEN)
    assert read_token(None) == TOKEN
    (tmp_path / "token").write_text(f"another-{TOKEN}\n")
    assert read_token(tmp_path / "token") == f"another-{TOKEN}"


@pytest.mark.parametrize("token", ["short", "sixteen letters and spaces", "sechzehn-zeichen-für-ü", ""])
def test_a_token_that_keeps_nobody_out_or_cannot_be_sent_is_refused(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token, encoding="utf-8")
    with pytest.raises(UsageError, match="a token is at least 16 letters"):
        read_token(tmp_path / "token")


def test_a_token_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: the token cannot be read"):
        read_token(tmp_path / "nowhere")


def test_networks_are_offered_by_name(tmp_path: Path, tiny_network: Callable[..., Any]) -> None:
    plain = tiny_network(metadata={"name": "plain"}).save(tmp_path / "plain.onnx")
    gan = tiny_network(shape=(1, 3, 512, 512)).save(tmp_path / "gan.onnx")
    first, second = networks_of([f"Plain={plain}", f"gan={gan}:gfpgan-1.4"])
    assert (first.name, first.path, first.preset) == ("plain", plain, None)
    assert (second.name, second.path, second.preset) == ("gan", gan, "gfpgan-1.4")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("file.onnx", '"file.onnx" is no network: write NAME=FILE'),
        ("=file.onnx", "is no network"),
        ("gan=nowhere.onnx", "nowhere.onnx: there is no such network file"),
        ("smfd={file}", 'there is a restorer "smfd" already'),
        ("gan={file}:gfpgam", 'did you mean "gfpgan-1.4"'),
    ],
)
def test_a_network_that_cannot_be_meant_is_refused(
    tmp_path: Path, tiny_network: Callable[..., Any], word: str, sentence: str
) -> None:
    file = tiny_network(metadata={"name": "plain"}).save(tmp_path / "plain.onnx")
    with pytest.raises(UsageError) as caught:
        networks_of([word.format(file=file)])
    assert sentence in str(caught.value)


def test_a_network_that_does_not_load_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(ModelError, match="not an ONNX network"):
        networks_of([f"text={tmp_path / 'text.onnx'}"])


def test_a_worker_needs_a_queue_and_a_store() -> None:
    with pytest.raises(UsageError, match="a worker needs a queue"):
        run_work(ServerSettings(store="folder"), quiet=True)
    with pytest.raises(UsageError, match="a worker needs the place"):
        run_work(ServerSettings(queue_url="redis://localhost:6379/9"), quiet=True)
