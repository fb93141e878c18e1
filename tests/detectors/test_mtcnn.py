"""MTCNN, where its package is installed; the sentence, where it is not."""

import sys

import numpy as np
import pytest

from clearface.arrays import ByteImage
from clearface.detectors.mtcnn import Mtcnn, MtcnnOptions
from clearface.errors import DependencyError


def test_without_the_package_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mtcnn", None)
    with pytest.raises(DependencyError, match=r'pip install "clearface\[mtcnn\]"'):
        Mtcnn()


def test_the_astronaut_is_found_where_she_is(astronaut: ByteImage) -> None:
    pytest.importorskip("mtcnn", reason="clearface[mtcnn] is not installed")
    (face,) = Mtcnn().detect(astronaut)
    assert face.score > 0.95
    expected = [[202.5, 100.5], [246.5, 103.0], [224.0, 127.0], [202.0, 140.0], [244.0, 141.0]]
    np.testing.assert_allclose(face.landmarks, expected, atol=4)
    assert face.box.left < 202 < 247 < face.box.right
    assert face.box.top < 100 < 141 < face.box.bottom


def test_the_threshold_decides(astronaut: ByteImage) -> None:
    pytest.importorskip("mtcnn", reason="clearface[mtcnn] is not installed")
    assert Mtcnn(MtcnnOptions(threshold=0.99999)).detect(astronaut) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (11, 400), (12, 12), (40, 40), (300, 200)])
def test_empty_pictures_of_any_size_have_no_face(shape: tuple[int, int]) -> None:
    pytest.importorskip("mtcnn", reason="clearface[mtcnn] is not installed")
    assert Mtcnn().detect(np.zeros((*shape, 3), np.uint8)) == []
