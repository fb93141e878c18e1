"""Faces cut out of collections of people."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from clearface.arrays import ByteImage
from clearface.detectors.centerface import CenterFace
from clearface.errors import UsageError
from clearface.evaluate.identities.people import find_people
from clearface.evaluate.identities.people_faces import cut_people
from clearface.faces import FFHQ_TEMPLATE


def save(path: Path, picture: ByteImage) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(picture).save(path)


def test_small_grey_photos_become_aligned_squares_and_the_faceless_are_told(
    tmp_path: Path, astronaut: ByteImage
) -> None:
    portrait = cv2.cvtColor(astronaut[10:234, 130:314], cv2.COLOR_RGB2GRAY)
    small = np.asarray(cv2.resize(portrait, (92, 112), interpolation=cv2.INTER_AREA), np.uint8)
    save(tmp_path / "Ada" / "1.pgm", small)
    save(tmp_path / "Ada" / "2.pgm", small[:, ::-1])
    save(tmp_path / "Grace" / "1.pgm", small)
    save(tmp_path / "Grace" / "2.pgm", np.full_like(small, 90))
    done: list[int] = []
    cut = cut_people(find_people(tmp_path), CenterFace(), 96, 10**6, done.append)
    assert cut.faces.shape == (3, 96, 96, 3)
    assert cut.names == ("Ada", "Grace")
    assert cut.people.tolist() == [0, 0, 1]
    assert [photo.name for photo in cut.photos] == ["Ada/1.pgm", "Ada/2.pgm", "Grace/1.pgm"]
    assert cut.people_without_face.tolist() == [1]
    assert [photo.name for photo in cut.without_face] == ["Grace/2.pgm"]
    assert sum(done) == 4
    (face,) = CenterFace().detect(np.rint(cut.faces[0] * 255).astype(np.uint8))
    np.testing.assert_allclose(face.landmarks, FFHQ_TEMPLATE * 96 / 512, atol=4)


def test_too_few_faces_are_told(tmp_path: Path) -> None:
    for name in ("Ada/1.png", "Ada/2.png", "Grace/1.png"):
        save(tmp_path / name, np.full((60, 60, 3), 90, np.uint8))
    with pytest.raises(UsageError, match="faces are found in 0 of 3 photos; recognition takes two people") as caught:
        cut_people(find_people(tmp_path), CenterFace(), 96, 10**6)
    assert str(caught.value).startswith(f"{tmp_path}: ")
