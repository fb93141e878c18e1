"""Angles between faces, by an embedder whose answers are known."""

import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.detectors.centerface import CenterFace
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.gauges.identity import IdentityGauge
from clearface.evaluate.metrics.angles import angle_between
from clearface.squares import Square, take_square, template_square


class Brightness:
    """The brightness of sixteen parts of the middle, about their mean: another framing gives another vector."""

    name = "brightness (00000000)"
    checksum = "0" * 64
    dimension = 16

    def embed(self, faces: FloatArray) -> FloatArray:
        """See `clearface.embedders.base.Embedder`."""
        vectors = []
        for face in faces:
            rim = len(face) // 6
            middle = face[rim:-rim, rim:-rim]
            parts = [part.mean() for row in np.array_split(middle, 4) for part in np.array_split(row, 4, axis=1)]
            vector = np.array(parts) - np.mean(parts)
            vectors.append(vector / np.linalg.norm(vector))
        return np.array(vectors, np.float32).reshape(len(faces), self.dimension)


@pytest.fixture(scope="module")
def gauge() -> IdentityGauge:
    return IdentityGauge(Brightness(), CenterFace())


@pytest.fixture(scope="module")
def square(astronaut: ByteImage) -> FloatArray:
    (face,) = CenterFace().detect(astronaut)
    return take_square(astronaut, template_square(face, 128))


def test_an_aligned_square_is_embedded_as_it_is(gauge: IdentityGauge, square: FloatArray) -> None:
    after = np.stack([square, square[::-1]])
    values = gauge.against(np.stack([square, square]))(Batch(after))
    expected = angle_between(*Brightness().embed(after))
    assert values["identity_angle"] == pytest.approx([0, expected])
    assert expected > 20
    assert np.isnan(values["identity_moved"]).all()


def test_a_picture_of_another_framing_is_aligned_by_its_sharp_twin(
    gauge: IdentityGauge, astronaut: ByteImage, square: FloatArray
) -> None:
    picture = astronaut[:300, 80:330].astype(np.float32) / np.float32(255)
    darker = picture.copy()
    darker[:, 150:] *= np.float32(0.4)
    values = gauge.against(picture[None])(Batch(darker[None]))["identity_angle"]
    (face,) = CenterFace().detect(astronaut)
    shaded = astronaut.copy()
    shaded[:300, 230:330] = np.rint(darker[:, 150:] * 255).astype(np.uint8)
    dark_square = take_square(shaded, template_square(face, 128))
    assert values[0] == pytest.approx(angle_between(*Brightness().embed(np.stack([square, dark_square]))), abs=2)
    assert values[0] > 5


def test_where_no_face_is_found_only_a_square_is_taken_as_it_is(gauge: IdentityGauge) -> None:
    empty = np.random.default_rng(0).random((1, 96, 96, 3), dtype=np.float32) * np.float32(0.1)
    assert gauge.against(empty)(Batch(empty))["identity_angle"].tolist() == [0]
    assert np.isnan(gauge.against(empty[:, :80])(Batch(empty[:, :80]))["identity_angle"]).all()


def test_without_a_twin_it_is_the_way_from_the_input(gauge: IdentityGauge, square: FloatArray) -> None:
    measure = gauge.against(None)
    moved = measure(Batch(square[None, ::-1], square[None]))
    assert moved["identity_moved"][0] == pytest.approx(
        angle_between(*Brightness().embed(np.stack([square, square[::-1]])))
    )
    assert np.isnan(moved["identity_angle"]).all()
    assert np.isnan(measure(Batch(square[None]))["identity_moved"]).all()


def test_two_of_them_fill_columns_of_their_own() -> None:
    keys = [metric.key for metric in IdentityGauge(Brightness(), CenterFace(), "arcface").metrics]
    assert keys == ["identity_angle_arcface", "identity_moved_arcface"]


def test_a_rotated_picture_is_turned_upright(gauge: IdentityGauge, astronaut: ByteImage, square: FloatArray) -> None:
    (face,) = CenterFace().detect(astronaut)
    upright, angle = template_square(face, 128).to_square, np.radians(15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    tilted = np.column_stack([turn @ upright[:, :2], turn @ (upright[:, 2] - 63.5) + 63.5])
    picture = take_square(astronaut, Square(tilted, 128))
    turned_back = gauge._embedded(picture[None], [gauge._square(picture)])[0]
    upright_vector, as_it_is = Brightness().embed(np.stack([square, picture]))
    assert angle_between(turned_back, upright_vector) < 0.4 * angle_between(as_it_is, upright_vector)
