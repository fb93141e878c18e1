"""The page about the server names what there is."""

import dataclasses
import re
from pathlib import Path

import pytest
from typer.main import get_command

from clearface.cli import app
from clearface.server.orders import PhotoTask

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "server.md").read_text(encoding="utf-8")


def options_of(command: str) -> dict[str, object]:
    """The options of a command and their defaults."""
    group = get_command(app)
    found = group.commands[command].params  # type: ignore[attr-defined]
    return {option: parameter.default for parameter in found for option in parameter.opts if option.startswith("--")}


def test_every_option_of_the_server_named_there_is_one():
    for file in ("docs/server.md", "Dockerfile", "deploy/nginx.conf"):
        lines = re.findall(r"clearface serve ((?:--.*)?)", (PROJECT / file).read_text(encoding="utf-8"))
        named = {option for line in lines for option in re.findall(r"--[a-z-]+", line)}
        assert named <= options_of("serve").keys() | {"--help"}, file


def test_the_table_of_settings_has_every_limit_with_its_default():
    table = PAGE.partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`--.*?) \| (.*?) \|", table, re.MULTILINE)
    told = {
        option: default
        for options, defaults in rows
        for option, default in zip(
            re.findall(r"--[a-z-]+", options),
            re.split(r", (?=\d)", defaults) if "," in options else [defaults],
            strict=True,
        )
    }
    known = options_of("serve")
    assert told.keys() <= known.keys()
    for option in ("--queue-length", "--rate", "--keep-minutes", "--max-megabytes", "--max-request-megabytes", "--max-files",
                   "--max-pixels", "--max-frames", "--read-seconds", "--photo-seconds", "--memory"):  # fmt: skip
        assert float(told[option].replace(",", "")) == known[option], option


@pytest.mark.parametrize("field", dataclasses.fields(PhotoTask), ids=lambda field: field.name)
def test_every_option_of_a_photo_is_named(field):
    assert f"`{field.name}`" in PAGE
