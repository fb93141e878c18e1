"""A run of the embedder with a network so small that it trains in a second."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four steps of a small network."""
    path = tmp_path_factory.mktemp("recipe") / "tiny.json"
    values = {
        "seed": 5,
        "network": {"size": 56, "stem": 4, "widths": [6, 8], "blocks": [1, 1], "pooled": [1, 2], "places": 7},
        "lessons": {"square": 64, "restored": 0.34, "restored_size": 96},
        "appearance": {"kernels": 20, "fields": 2},
        "distillation": {"steps": 4, "batch": 6, "schedule": {"warm_up": 1}},
        "cadence": {"log": 2, "validation": 4, "checkpoint": 2},
        "validation_faces": 2,
    }
    path.write_text(json.dumps(values))
    return path


@pytest.fixture(scope="session")
def trained(
    prepared_set: Path, tiny_recipe: Path, invoke: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("run") / "embedder"
    ended = invoke(
        "embedder", prepared_set, "-o", folder, "--recipe", tiny_recipe, "--accelerator", "cpu", "--threads", 1
    )
    assert ended.error is None, ended.error
    return folder
