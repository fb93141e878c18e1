"""A recipe so small that every stage trains in a second."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny_values() -> dict[str, Any]:
    """The recipe as JSON has it: small networks, few kernels, four steps."""
    stage = {"steps": 4, "batch": 4, "sizes": [32], "schedule": {"warm_up": 1}}
    return {
        "seed": 5,
        "networks": {
            "mask_generator": {"channels": [8, 8, 8, 8], "blocks": [1, 1, 1, 1]},
            "kernel_estimator": {"taps": 9, "size": 32, "transform": 48, "channels": [4, 8]},
            "deblurring_unet": {"channels": [6, 6, 6, 6], "layers": [1, 1, 1, 1]},
        },
        "degradation": {"kernels": 20, "fields": 2},
        "cadence": {"log": 2, "validation": 4, "checkpoint": 2},
        "validation": {"faces": 3, "size": 32, "pictures": 2},
        "parser": stage,
        "kernel": stage,
        "restore": stage,
        "detail": stage | {"discriminator": {"channels": [4, 4]}, "local_discriminator": {"channels": [4]}},
    }


@pytest.fixture(scope="session")
def tiny_recipe(tmp_path_factory: pytest.TempPathFactory, tiny_values: dict[str, Any]) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("recipe") / "tiny.json"
    path.write_text(json.dumps(tiny_values))
    return path


@pytest.fixture(scope="session")
def trained(
    prepared_set: Path, tiny_recipe: Path, invoke: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a run of all stages."""
    folder = tmp_path_factory.mktemp("run") / "all"
    ended = invoke(
        "smfd", prepared_set, "--output", folder, "--recipe", tiny_recipe, "--threads", 1, "--accelerator", "cpu"
    )
    assert ended.error is None, ended.error
    return folder
