"""Recipes from files, and what is said of wrong ones."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clearface.errors import UsageError
from clearface.train.engine.recipes import read_recipe, recipe_as_json, recipe_from_values


@dataclass(frozen=True)
class Inner:
    """A part."""

    rate: float = 0.5
    sizes: tuple[int, ...] = (96, 128)
    pair: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        if self.rate < 0:
            raise ValueError("a rate is not below 0")


@dataclass(frozen=True)
class Outer:
    """A whole."""

    inner: Inner = field(default_factory=Inner)
    steps: int = 10
    name: str = "a"
    flag: bool = True
    limit: int | None = None


def test_a_recipe_survives_being_written_and_read(tmp_path: Path) -> None:
    recipe = Outer(Inner(0.25, (64,), (1.0, 2.0)), 3, "b", False, 7)
    path = tmp_path / "recipe.json"
    path.write_text(recipe_as_json(recipe))
    assert read_recipe(Outer, path) == recipe
    assert recipe_from_values(Outer, {"limit": None}, "here") == Outer()


def test_toml_gives_the_same_and_what_is_left_out_keeps_its_default(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("steps = 3\n[inner]\nrate = 1\nsizes = [32]\n")
    recipe = read_recipe(Outer, path)
    assert recipe == Outer(Inner(1.0, (32,)), 3)
    assert isinstance(recipe.inner.rate, float)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"step": 3}, r'here: "step" is no part of a recipe: did you mean "steps"\?'),
        ({"inner": {"rat": 1}}, r'here: "inner.rat" is no part of a recipe: did you mean "rate"\?'),
        ({"steps": 2.5}, 'here: "steps" cannot be 2.5'),
        ({"steps": True}, 'here: "steps" cannot be true'),
        ({"flag": 1}, 'here: "flag" cannot be 1'),
        ({"inner": {"sizes": "12"}}, 'here: "inner.sizes" cannot be "12"'),
        ({"inner": {"pair": [1.0]}}, r'here: "inner.pair" cannot be \[1.0\]'),
        ({"inner": {"rate": float("nan")}}, 'here: "inner.rate" cannot be NaN'),
        ({"inner": {"rate": -1}}, 'here: "inner": a rate is not below 0'),
        ({"limit": "x"}, 'here: "limit" cannot be "x"'),
        ([], "here: a recipe is an object of keys"),
    ],
)
def test_what_is_wrong_is_named(values: object, sentence: str) -> None:
    with pytest.raises(UsageError, match=f"^{sentence}$"):
        recipe_from_values(Outer, values, "here")


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.json: the recipe cannot be read: No such file"):
        read_recipe(Outer, tmp_path / "none.json")
    (tmp_path / "bad.toml").write_text("steps = ")
    with pytest.raises(UsageError, match=r"bad.toml: the recipe is not valid TOML"):
        read_recipe(Outer, tmp_path / "bad.toml")
