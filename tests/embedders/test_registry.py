from pathlib import Path

import pytest

from clearface.embedders.registry import DEFAULT_EMBEDDER, EMBEDDERS, EmbedderOptions, build_embedder
from clearface.errors import UsageError


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match='there is no embedder "dlip": did you mean "dlib"'):
        build_embedder("dlip")


def test_onnx_needs_a_model() -> None:
    with pytest.raises(UsageError, match="the embedder onnx needs a model"):
        build_embedder("onnx")


def test_an_option_an_embedder_has_no_use_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the embedder dlib has no model, which is for fusion, onnx, eigenfaces"):
        build_embedder("dlib", EmbedderOptions(model=tmp_path / "any.onnx"))
    with pytest.raises(UsageError, match="the embedder fusion has no preset, which is for onnx"):
        build_embedder("fusion", EmbedderOptions(preset="insightface"))


@pytest.mark.parametrize("name", ["eigenfaces", "fisherfaces", "lpp"])
def test_fitted_ones_need_their_file(name: str) -> None:
    with pytest.raises(UsageError, match=f"the embedder {name} needs a model: the path of the file"):
        build_embedder(name)


def test_an_unknown_preset_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='there is no preset "adafase": did you mean "adaface"'):
        build_embedder("onnx", EmbedderOptions(model=tmp_path / "any.onnx", preset="adafase"))


def test_clearfaces_own_is_first() -> None:
    assert EMBEDDERS[0].name == DEFAULT_EMBEDDER


def test_names_are_lower_case_and_unlike() -> None:
    names = [entry.name for entry in EMBEDDERS]
    assert names == [name.lower() for name in dict.fromkeys(names)]
