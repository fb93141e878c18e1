"""Recipes: frozen dataclasses, nested, that are read from JSON or TOML and written as JSON."""

import dataclasses
import json
import math
import tomllib
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from clearface.errors import UsageError
from clearface.suggestions import did_you_mean

RecipeT = TypeVar("RecipeT")


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
    made: RecipeT = _convert(kind, values, source, "")
    return made


def recipe_as_json(recipe: object) -> str:
    """The JSON that `read_recipe` reads, every field written out."""
    return json.dumps(recipe_values(recipe), indent=2) + "\n"


def recipe_values(recipe: object) -> dict[str, Any]:
    """A recipe as nested dictionaries and lists, as JSON has it."""
    assert dataclasses.is_dataclass(recipe)
    assert not isinstance(recipe, type)
    values: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(recipe)))
    return values


def _convert(kind: Any, value: object, source: str, place: str) -> Any:  # noqa: ANN401 - a type is any type
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, source, place)
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        if value is None and NoneType in get_args(kind):
            return None
        (wanted,) = (member for member in get_args(kind) if member is not NoneType)
        return _convert(wanted, value, source, place)
    if origin is tuple:
        return _tuple(get_args(kind), value, source, place)
    if origin is dict:
        if not isinstance(value, dict):
            raise _wrong(value, source, place)
        return {key: _convert(get_args(kind)[1], entry, source, f"{place}.{key}") for key, entry in value.items()}
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not fits or (isinstance(value, float) and not math.isfinite(value)):
        raise _wrong(value, source, place)
    return value


def _dataclass(kind: Any, value: object, source: str, place: str) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        raise _wrong(value, source, place)
    known = get_type_hints(kind)
    given = {}
    for key, entry in value.items():
        inside = f"{place}.{key}" if place else key
        if key not in known:
            raise UsageError(f'{source}: "{inside}" is no part of a recipe: {did_you_mean(key, known)}')
        given[key] = _convert(known[key], entry, source, inside)
    try:
        return kind(**given)
    except (UsageError, ValueError) as error:
        raise UsageError(f'{source}: "{place}": {error}' if place else f"{source}: {error}") from error


def _tuple(kinds: tuple[Any, ...], value: object, source: str, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong(value, source, place)
    if kinds[-1] is Ellipsis:
        return tuple(_convert(kinds[0], entry, source, place) for entry in value)
    if len(kinds) != len(value):
        raise _wrong(value, source, place)
    return tuple(_convert(kind, entry, source, place) for kind, entry in zip(kinds, value, strict=True))


def _wrong(value: object, source: str, place: str) -> UsageError:
    shown = json.dumps(value, default=str)
    return UsageError(f'{source}: "{place}" cannot be {shown}' if place else f"{source}: a recipe is an object of keys")
