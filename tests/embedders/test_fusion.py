"""clearface's own embedder, with a tiny network of its signature."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from clearface.arrays import FloatArray
from clearface.embedders.alignment import eye_chip
from clearface.embedders.fusion import FusionEmbedder
from clearface.embedders.registry import EmbedderOptions, build_embedder
from clearface.errors import ModelError
from clearface.weights import checksum


def save_network(
    path: Path,
    shape: tuple[int | str, ...] = ("batch", 3, 112, 112),
    dimension: int = 12,
    names: tuple[str, str] = ("face", "embedding"),
    gain: float = 1.0,
) -> Path:
    """Means of sixteenths of the chip, mixed at random, of unit length."""
    face, embedding = names
    quarter = int(shape[3]) // 4
    mixture = np.random.default_rng(0).normal(size=(48, dimension)).astype(np.float32) * gain
    nodes = [
        helper.make_node("AveragePool", [face], ["means"], kernel_shape=[quarter] * 2, strides=[quarter] * 2),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("MatMul", ["flat", "mixture"], ["mixed"]),
        helper.make_node("LpNormalization", ["mixed"], [embedding], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(face, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(embedding, TensorProto.FLOAT, [shape[0], dimension])],
        [numpy_helper.from_array(mixture, "mixture")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def faces(count: int, side: int = 160) -> FloatArray:
    rows, columns = (np.mgrid[:side, :side] + 0.5) / side
    waves = [0.5 + 0.3 * np.cos(4 * rows + number) + 0.2 * np.cos(np.pi * columns * number) for number in range(count)]
    return (
        np.stack([np.stack([wave, 0.8 * wave, 0.3 + 0.5 * wave], -1) for wave in waves]).clip(0, 1).astype(np.float32)
    )


def test_the_network_is_fed_the_chip_as_it_is(tmp_path: Path) -> None:
    path = save_network(tmp_path / "own.onnx")
    (face,) = faces(1)
    chip = eye_chip(112).cut_values(face).astype(np.float64)
    means = chip.reshape(4, 28, 4, 28, 3).mean((1, 3)).transpose(2, 0, 1).ravel()
    mixture = numpy_helper.to_array(onnx.load(path).graph.initializer[0])
    expected = means @ mixture
    embedder = FusionEmbedder(path)
    np.testing.assert_allclose(embedder.embed(face[None])[0], expected / np.linalg.norm(expected), atol=1e-5)
    assert embedder.dimension == 12
    assert embedder.checksum == checksum(path)
    assert embedder.name == f"own.onnx ({checksum(path)[:8]})"


def test_a_vector_does_not_depend_on_the_other_faces(tmp_path: Path) -> None:
    embedder = build_embedder("fusion", EmbedderOptions(model=save_network(tmp_path / "own.onnx")))
    some = faces(19)
    together = embedder.embed(some)
    assert together.shape == (19, 12)
    assert together.dtype == np.float32
    alone = np.concatenate([embedder.embed(face[None]) for face in some])
    assert np.abs(together - alone).max() <= 1e-6
    assert embedder.embed(some[:0]).shape == (0, 12)


def test_the_shipped_network_does_not_let_faces_touch_each_other() -> None:
    embedder = FusionEmbedder()
    some = faces(16, 112)
    together = embedder.embed(some)
    alone = np.concatenate([embedder.embed(face[None]) for face in some])
    assert np.abs(together - alone).max() <= 1e-6
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        {"shape": (1, 3, 112, 112)},
        {"shape": ("batch", 3, 224, 224)},
        {"names": ("input", "embedding")},
        {"names": ("face", "out")},
    ],
    ids=str,
)
def test_networks_of_another_signature_are_refused(tmp_path: Path, other: dict[str, tuple[int | str, ...]]) -> None:
    path = save_network(tmp_path / "other.onnx", **other)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=r"other\.onnx: no network of clearface's own kind"):
        FusionEmbedder(path)


def test_a_missing_file_and_a_vector_without_direction_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.onnx: there is no such network file"):
        FusionEmbedder(tmp_path / "none.onnx")
    silent = FusionEmbedder(save_network(tmp_path / "silent.onnx", gain=0.0))
    with pytest.raises(ModelError, match=r"silent\.onnx: answered with an embedding that points nowhere"):
        silent.embed(faces(2))
