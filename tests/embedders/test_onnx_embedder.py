"""Embedders in ONNX files: fed as ArcFace is, whatever their layout, type and batch."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.transform

from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.embedders.alignment import ARCFACE_TEMPLATE
from clearface.embedders.onnx_embedder import OnnxEmbedder
from clearface.embedders.presets import find_preset
from clearface.embedders.registry import EmbedderOptions, build_embedder
from clearface.errors import ModelError
from clearface.faces import FFHQ_TEMPLATE
from clearface.weights import checksum, weight_path


def coloured_faces(count: int, side: int) -> FloatArray:
    """Smooth, no two halves and no two channels alike, their means far from grey."""
    rows, columns = (np.mgrid[:side, :side] + 0.5) / side
    waves = [
        0.5 + 0.3 * np.cos(np.pi * (number + 1) * rows) + 0.2 * np.cos(np.pi * (columns + 0.1 * number))
        for number in range(count)
    ]
    return np.stack([np.stack([0.9 * wave, 0.5 + 0.4 * wave, 0.3 * wave], -1) for wave in waves]).astype(np.float32)


def by_hand(
    face: FloatArray, black: float = -1.0, white: float = 1.0, bgr: bool = False, side: int = 112
) -> DoubleArray:
    """What the small embedder says of a face, the chip cut by scikit-image."""
    points = (FFHQ_TEMPLATE + 0.5) * face.shape[0] / 512 - 0.5
    target = (ARCFACE_TEMPLATE + 0.5) * side / 112 - 0.5
    transform = skimage.transform.SimilarityTransform.from_estimate(points, target)
    chip = skimage.transform.warp(face, transform.inverse, output_shape=(side, side), order=3, mode="reflect")
    values = (chip[..., ::-1] if bgr else chip) * (white - black) + black
    vector = np.concatenate([part.mean((0, 1)) for part in (values, values[:, :56], values[:56])])
    return np.asarray(vector / np.linalg.norm(vector))


@pytest.mark.parametrize("side", [128, 256])
def test_the_chip_is_that_of_arcface(tiny_embedder: Callable[..., Any], tmp_path: Path, side: int) -> None:
    faces = coloured_faces(2, side)
    vectors = OnnxEmbedder(tiny_embedder().save(tmp_path / "tiny.onnx")).embed(faces)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [by_hand(face) for face in faces], atol=0.005)


@pytest.mark.parametrize("shape", [(1, 3, 112, 112), (4, 3, 112, 112), ("n", 3, "h", "w"), ("n", 112, 112, 3)], ids=str)
@pytest.mark.parametrize("number_type", [1, 10], ids=["float", "half"])
def test_layout_batch_and_type_are_read_from_the_file(
    tiny_embedder: Callable[..., Any], tmp_path: Path, shape: tuple[int | str, ...], number_type: int
) -> None:
    faces = coloured_faces(3, 128)
    plain = OnnxEmbedder(tiny_embedder().save(tmp_path / "plain.onnx")).embed(faces)
    other = OnnxEmbedder(tiny_embedder(shape=shape, number_type=number_type).save(tmp_path / "other.onnx"))
    np.testing.assert_allclose(other.embed(faces), plain, atol=1e-5 if number_type == 1 else 5e-3)
    assert other.dimension == 9


def test_another_side_gets_the_template_scaled(tiny_embedder: Callable[..., Any], tmp_path: Path) -> None:
    (face,) = coloured_faces(1, 256)
    path = tiny_embedder(shape=(1, 3, 224, 224)).save(tmp_path / "large.onnx")
    np.testing.assert_allclose(OnnxEmbedder(path).embed(face[None])[0], by_hand(face, side=224), atol=0.005)


def test_a_description_says_what_black_and_white_are(tiny_embedder: Callable[..., Any], tmp_path: Path) -> None:
    (face,) = coloured_faces(1, 112)
    path = tiny_embedder().save(tmp_path / "tiny.onnx")
    (tmp_path / "tiny.json").write_text(json.dumps({"low": 0, "high": 255, "channel_order": "bgr"}))
    expected = by_hand(face, 0, 255, bgr=True)
    np.testing.assert_allclose(OnnxEmbedder(path).embed(face[None])[0], expected, atol=0.005)
    assert np.abs(expected - by_hand(face)).max() > 0.1


@pytest.mark.parametrize(
    ("preset", "black", "white", "bgr"),
    [
        ("insightface", -1, 1, False),
        ("insightface-mxnet", 0, 255, False),
        ("adaface", -1, 1, True),
        ("sface", 0, 255, False),
    ],
)
def test_presets_feed_networks_as_their_authors_do(
    tiny_embedder: Callable[..., Any], tmp_path: Path, preset: str, black: float, white: float, bgr: bool
) -> None:
    (face,) = coloured_faces(1, 160)
    path = tiny_embedder().save(tmp_path / "tiny.onnx")
    (tmp_path / "tiny.json").write_text(json.dumps({"low": 0, "high": 9}))  # a preset goes before it
    found = build_embedder("onnx", EmbedderOptions(model=path, preset=preset)).embed(face[None])[0]
    np.testing.assert_allclose(found, by_hand(face, black, white, bgr), atol=0.005)


def test_a_preset_for_another_size_is_refused(tiny_embedder: Callable[..., Any], tmp_path: Path) -> None:
    path = tiny_embedder(shape=(1, 3, 224, 224)).save(tmp_path / "large.onnx")
    with pytest.raises(ModelError, match=r"large\.onnx: it takes faces of 224 pixels, and those of sface are of 112"):
        OnnxEmbedder(path, find_preset("sface"))


def test_a_vector_does_not_depend_on_the_other_faces(tiny_embedder: Callable[..., Any], tmp_path: Path) -> None:
    faces = coloured_faces(5, 96)
    embedder = OnnxEmbedder(tiny_embedder().save(tmp_path / "tiny.onnx"))
    together = embedder.embed(faces)
    assert np.array_equal(together[3:4], embedder.embed(faces[3:4]))
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert embedder.embed(faces[:0]).shape == (0, 9)


def test_the_name_changes_with_the_file(tiny_embedder: Callable[..., Any], tmp_path: Path) -> None:
    path = tiny_embedder().save(tmp_path / "tiny.onnx")
    first = OnnxEmbedder(path).name
    assert first == f"tiny.onnx ({checksum(path)[:8]})"
    assert OnnxEmbedder(path).checksum == checksum(path)
    assert OnnxEmbedder(tiny_embedder(gain=2.0).save(path)).name != first


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny\.onnx: there is no such network file"):
        OnnxEmbedder(tmp_path / "tiny.onnx")


def test_networks_of_other_kinds_are_refused(tiny_embedder: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"smfd-kernel\.onnx"):
        OnnxEmbedder(weight_path("smfd-kernel.onnx"))
    with pytest.raises(ModelError, match=r"flat\.onnx: no face embedder, it answers a face with an array of \(1,\)"):
        OnnxEmbedder(tiny_embedder(flat=True).save(tmp_path / "flat.onnx"))
    with pytest.raises(ModelError, match="112x96, which are not square"):
        OnnxEmbedder(tiny_embedder(shape=(1, 3, 96, 112)).save(tmp_path / "wide.onnx"))


def test_an_embedding_without_direction_is_refused(
    tiny_embedder: Callable[..., Any], tmp_path: Path, astronaut: ByteImage
) -> None:
    embedder = OnnxEmbedder(tiny_embedder(gain=0.0).save(tmp_path / "silent.onnx"))
    with pytest.raises(ModelError, match=r"silent\.onnx: answered with an embedding that points nowhere"):
        embedder.embed((astronaut[None, :128, :128] / np.float32(255)).astype(np.float32))
