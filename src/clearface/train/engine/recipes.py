"""Recipes: frozen dataclasses, nested, that are read from JSON or TOML and written as JSON."""

import dataclasses
import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from clearface.errors import UsageError
from clearface.typed_values import Reading, typed_value

RecipeT = TypeVar("RecipeT")

_READING = Reading("a recipe", complete=False)


def read_recipe(kind: type[RecipeT], path: Path) -> RecipeT:
    """A recipe from a .json or .toml file; what the file leaves out is as in the dataclass.

    Raises UsageError, naming the file and the key, for a file that cannot be read, an unknown key or a value of another type.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except OSError as error:
        raise UsageError(f"{path}: the recipe cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path}: the recipe is not valid {path.suffix.lstrip('.').upper()} ({error})") from error
    return recipe_from_values(kind, values, str(path))


def recipe_from_values(kind: type[RecipeT], values: object, source: str) -> RecipeT:
    """A recipe from what JSON or TOML gives. source: begins the sentence of the UsageError raised where a value is wrong."""
    try:
        return typed_value(kind, values, _READING)
    except ValueError as error:
        raise UsageError(f"{source}: {error}") from error


def recipe_as_json(recipe: object) -> str:
    """The JSON that `read_recipe` reads, every field written out."""
    return json.dumps(recipe_values(recipe), indent=2) + "\n"


def recipe_values(recipe: object) -> dict[str, Any]:
    """A recipe as nested dictionaries and lists, as JSON has it."""
    assert dataclasses.is_dataclass(recipe)
    assert not isinstance(recipe, type)
    values: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(recipe)))
    return values
