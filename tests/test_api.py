"""The public functions take a picture in any form and give its like."""

import importlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image

import clearface
from clearface import point_spread
from clearface.arrays import ByteImage
from clearface.detectors.registry import DetectorOptions, build_detector
from clearface.errors import DependencyError, PhotoError
from clearface.pipeline import Pipeline
from clearface.point_spread_words import describe_kernel
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.restorers.smfd.smfd import Smfd


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(
        build_detector("centerface", DetectorOptions()),
        build_restorer("richardson-lucy", RestorerOptions(iterations=1)),
    )


def test_arrays_bytes_images_and_paths_agree(astronaut: ByteImage, tmp_path: Path, pipeline: Pipeline) -> None:
    bust = np.ascontiguousarray(astronaut[:240, 100:340])
    expected = clearface.restore(bust, pipeline)
    assert (expected != bust).any()
    image = Image.fromarray(bust)
    np.testing.assert_array_equal(np.asarray(clearface.restore(image, pipeline)), expected)
    path = tmp_path / "astronaut.png"
    image.save(path)
    np.testing.assert_array_equal(np.asarray(clearface.restore(path, pipeline)), expected)
    lossy = tmp_path / "astronaut.jpg"
    image.save(lossy, quality=90)
    with Image.open(lossy) as decoded:
        expected_lossy = clearface.restore(decoded, pipeline)
    np.testing.assert_array_equal(np.asarray(clearface.restore(lossy, pipeline)), np.asarray(expected_lossy))
    encoded = clearface.restore(path.read_bytes(), pipeline)
    assert isinstance(encoded, bytes)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(encoded))), expected)


def test_grey_and_alpha_are_kept(astronaut: ByteImage, pipeline: Pipeline) -> None:
    grey = np.asarray(Image.fromarray(astronaut).convert("L"))
    assert clearface.restore(grey, pipeline).shape == grey.shape
    with_alpha = np.dstack([astronaut, np.full(astronaut.shape[:2], 9, np.uint8)])
    assert (clearface.restore(with_alpha, pipeline)[..., 3] == 9).all()
    image = Image.fromarray(astronaut).convert("RGBA")
    image.putalpha(77)
    restored = clearface.restore(image, pipeline)
    assert restored.mode == "RGBA"
    assert restored.getchannel("A").getextrema() == (77, 77)


def test_detect_takes_every_form(astronaut: ByteImage, portrait: Path) -> None:
    for picture in (astronaut, Image.fromarray(astronaut), portrait, str(portrait), portrait.read_bytes()):
        faces = clearface.detect(picture)
        assert len(faces) == 1
        assert isinstance(faces[0], clearface.Face)


def test_hide_takes_every_form_and_gives_its_like(astronaut: ByteImage, tmp_path: Path) -> None:
    style = clearface.HideStyle("solid", shape="box", scale=1.0, feather=0.0, colour="#000000")
    bust = np.ascontiguousarray(astronaut[:240, 100:340])
    expected = clearface.hide(bust, style)
    (face,) = clearface.detect(bust)
    box = face.box
    inside = (slice(int(box.top) + 2, int(box.bottom) - 1), slice(int(box.left) + 2, int(box.right) - 1))
    assert not expected[inside].any()
    changed = (expected != bust).any(2)
    assert changed.mean() < 1.3 * box.width * box.height / changed.size
    image = Image.fromarray(bust)
    np.testing.assert_array_equal(np.asarray(clearface.hide(image, style)), expected)
    path = tmp_path / "astronaut.png"
    image.save(path)
    np.testing.assert_array_equal(np.asarray(clearface.hide(path, style)), expected)
    encoded = clearface.hide(path.read_bytes(), style)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(encoded))), expected)
    grey = np.asarray(image.convert("L"))
    assert clearface.hide(grey, style).shape == grey.shape
    deep = clearface.hide(np.dstack([bust.astype(np.uint16) * 257, np.full(bust.shape[:2], 9, np.uint16)]), style)
    assert deep.dtype == np.uint16
    assert (deep[..., 3] == 9).all()
    assert not deep[inside][..., :3].any()
    with pytest.raises(TypeError, match="dict"):
        clearface.hide({})  # type: ignore[call-overload]


def test_hide_leaves_whom_it_is_told_and_repeats_by_its_seed(astronaut: ByteImage) -> None:
    kept = clearface.hide(astronaut, choice=clearface.FaceChoice(keep=(1,)))
    np.testing.assert_array_equal(kept, astronaut)
    first, second, other = (clearface.hide(astronaut, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, second)
    assert (first != astronaut).any()
    assert (first != other).any()


def test_what_is_no_picture_is_refused(astronaut: ByteImage) -> None:
    with pytest.raises(TypeError, match="dict"):
        clearface.detect({})
    for wrong in (astronaut.astype(np.float32), astronaut[..., :2], np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(PhotoError, match="array"):
            clearface.restore(cast(ByteImage, wrong))


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="unblur"):
        _ = clearface.unblur
    assert "restore" in dir(clearface)


def test_a_missing_system_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(name: str) -> object:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(importlib, "import_module", lacking)
    with pytest.raises(DependencyError, match="libgl1"):
        _ = clearface.restore


def test_the_blur_of_every_face_is_estimated(
    astronaut: ByteImage, portrait: Path, smfd_saying: Callable[..., Path], shipped_smfd: Callable[[Path], None]
) -> None:
    shipped_smfd(smfd_saying(kernel=np.pad(point_spread.motion(21, 0), 8), certainty=0.75))
    for picture in (astronaut, portrait):
        (blur,) = clearface.estimate_blur(picture)
        assert isinstance(blur, clearface.FaceBlur)
        assert blur.estimate.certainty == pytest.approx(0.75)
        point_spread.check(blur.estimate.kernel)
        # Lengths are those of the photo, in which the square of 128 pixels spans 1.61 boxes.
        told = describe_kernel(blur.estimate.kernel)
        assert told.length == pytest.approx(21 * 1.61 * blur.face.box.size / 128, rel=0.15)
        assert blur.words.startswith("moved ")


def test_a_restored_face_carries_what_was_found(
    astronaut: ByteImage, pipeline: Pipeline, smfd_folder: Path, shipped_smfd: Callable[[Path], None]
) -> None:
    shipped_smfd(smfd_folder)
    (face,) = Pipeline(pipeline.detector, Smfd(smfd_folder)).restore(astronaut).faces
    assert face.verdict is clearface.Verdict.RESTORED
    assert face.error is not None
    assert face.error.shape == (face.working_size, face.working_size)
    assert face.blur is not None
    assert face.explained is not None
    (estimated,) = clearface.estimate_blur(astronaut, pipeline.detector)
    np.testing.assert_allclose(estimated.estimate.kernel, face.blur.kernel, atol=1e-5)
    (classical,) = pipeline.restore(astronaut).faces
    assert classical.error is None
    assert classical.blur is not None
    np.testing.assert_array_equal(classical.blur.kernel, point_spread.box(5))
    assert 0.5 < (classical.explained or 0) <= 1
