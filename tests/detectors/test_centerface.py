"""CenterFace on the astronaut, whose eyes, nose and mouth corners were read off the portrait by hand."""

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import skimage.data
from numpy.typing import NDArray
from onnx import TensorProto, helper

from clearface.arrays import ByteImage
from clearface.degrade.trajectories import shake_kernel
from clearface.detectors.centerface import CenterFace, CenterFaceOptions
from clearface.detectors.scales import ScalePyramid
from clearface.errors import ModelError
from clearface.faces import Face

EYES = np.array([[202.5, 100.5], [246.5, 103.0]])
NOSE_AND_MOUTH = np.array([[224.0, 127.0], [202.0, 140.0], [244.0, 141.0]])
EYE_DISTANCE = float(np.linalg.norm(EYES[1] - EYES[0]))


@pytest.fixture(scope="module")
def detector() -> CenterFace:
    return CenterFace()


@pytest.fixture(scope="module")
def head(astronaut: ByteImage) -> ByteImage:
    """The astronaut's head and shoulders, `(240, 240, 3)`; the face takes about 85 pixels of it."""
    return np.ascontiguousarray(astronaut[0:240, 100:340])


def texture(height: int, width: int) -> ByteImage:
    """Gravel without end."""
    gravel = skimage.data.gravel()
    repeats = (-(-height // gravel.shape[0]), -(-width // gravel.shape[1]))
    return np.repeat(np.tile(gravel, repeats)[:height, :width, None], 3, axis=2)


def head_of(head: ByteImage, face_size: float, face: Face) -> ByteImage:
    """The head scaled so that its face measures `face_size` pixels."""
    factor = face_size / face.box.size
    return cv2.resize(head, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def assert_landmarks_in_place(face: Face) -> None:
    across = (face.landmarks[:, 0] - face.box.left) / face.box.width
    down = (face.landmarks[:, 1] - face.box.top) / face.box.height
    assert 0.1 < across[0] < 0.45 < 0.55 < across[1] < 0.9
    assert 0.3 < across[2] < 0.7
    assert 0.1 < across[3] < 0.5 < across[4] < 0.9
    assert 0.2 < down[:2].min() <= down[:2].max() < down[2] < down[3:].min() <= down[3:].max() < 0.95


def test_the_face_lies_where_it_is(detector: CenterFace, astronaut: ByteImage) -> None:
    (face,) = detector.detect(astronaut)
    assert face.score > 0.85
    np.testing.assert_allclose(face.landmarks[:2], EYES, atol=0.1 * EYE_DISTANCE)
    np.testing.assert_allclose(face.landmarks[2:], NOSE_AND_MOUTH, atol=0.15 * EYE_DISTANCE)
    assert_landmarks_in_place(face)
    assert 45 < face.box.top < 80 < 150 < face.box.bottom < 190
    assert 165 < face.box.left < 195 < 255 < face.box.right < 285


@pytest.mark.parametrize("factor", [0.25, 0.37, 0.5, 0.8, 1.5, 2.2, 3.0])
def test_a_scaled_picture_has_the_scaled_face(detector: CenterFace, astronaut: ByteImage, factor: float) -> None:
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(astronaut, None, fx=factor, fy=factor, interpolation=interpolation)
    (face,) = detector.detect(scaled)  # type: ignore[arg-type]
    eyes = (EYES + 0.5) * factor - 0.5
    np.testing.assert_allclose(face.landmarks[:2], eyes, atol=0.15 * EYE_DISTANCE * factor)


def test_a_mirrored_picture_has_the_mirrored_face(detector: CenterFace, astronaut: ByteImage) -> None:
    (face,) = detector.detect(np.ascontiguousarray(astronaut[:, ::-1]))
    width = astronaut.shape[1]
    mirrored = EYES[::-1] * [-1, 1] + [width - 1, 0]
    np.testing.assert_allclose(face.landmarks[:2], mirrored, atol=0.12 * EYE_DISTANCE)
    assert_landmarks_in_place(face)


def test_colour_is_not_needed(detector: CenterFace, astronaut: ByteImage) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    (face,) = detector.detect(grey)  # type: ignore[arg-type]
    np.testing.assert_allclose(face.landmarks[:2], EYES, atol=0.12 * EYE_DISTANCE)


def test_a_view_of_a_larger_array_and_a_read_only_picture_do(detector: CenterFace, astronaut: ByteImage) -> None:
    view = astronaut[:300, 80:380].view()
    view.flags.writeable = False
    (face,) = detector.detect(view)
    np.testing.assert_allclose(face.landmarks[:2] + [80, 0], EYES, atol=0.12 * EYE_DISTANCE)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (1, 700), (700, 1), (3, 2000), (33, 31)])
def test_pictures_too_small_for_a_face_have_none(detector: CenterFace, shape: tuple[int, int]) -> None:
    assert detector.detect(np.full((*shape, 3), 128, np.uint8)) == []


@pytest.mark.parametrize("name", ["coffee", "rocket", "coins", "brick", "grass", "gravel", "chelsea", "text", "clock"])
def test_things_are_no_faces(detector: CenterFace, name: str) -> None:
    picture = np.asarray(getattr(skimage.data, name)())
    rgb = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    assert detector.detect(np.ascontiguousarray(rgb)) == []


def test_noise_is_no_face(detector: CenterFace) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (400, 500, 3), dtype=np.uint8)
    assert detector.detect(noise) == []


@pytest.mark.parametrize(("rows", "columns"), [(slice(0, 300), slice(0, 228)), (slice(95, 300), slice(80, 380))])
def test_landmarks_of_a_face_cut_by_the_edge_are_not_pushed_inside(
    detector: CenterFace, astronaut: ByteImage, rows: slice, columns: slice
) -> None:
    whole = detector.detect(astronaut)[0]
    cut = np.ascontiguousarray(astronaut[rows, columns])
    face = detector.detect(cut)[0]
    shift = np.array([columns.start, rows.start])
    np.testing.assert_allclose(face.landmarks + shift, whole.landmarks, atol=0.3 * EYE_DISTANCE)
    corners = np.array([[face.box.left, face.box.top], [face.box.right, face.box.bottom]])
    assert (corners < 0).any() or (corners > [cut.shape[1], cut.shape[0]]).any()


def test_a_small_face_in_a_photo_of_24_megapixels_is_found(
    detector: CenterFace, astronaut: ByteImage, head: ByteImage
) -> None:
    small = head_of(head, 24, detector.detect(astronaut)[0])
    photo = texture(4000, 6000)
    left, top = 4211, 2733
    photo[top : top + small.shape[0], left : left + small.shape[1]] = small
    (face,) = detector.detect(photo)
    factor = small.shape[0] / head.shape[0]
    eyes = (EYES - [100, 0]) * factor + [left, top]
    np.testing.assert_allclose(face.landmarks[:2], eyes, atol=0.2 * EYE_DISTANCE * factor)


def test_thirty_faces_of_all_sizes_are_each_found_once(
    detector: CenterFace, astronaut: ByteImage, head: ByteImage
) -> None:
    """In a photo of 4 megapixels, cut into many tiles: faces of 24 to 120 pixels lie over the cuts as chance has it."""
    whole = detector.detect(astronaut)[0]
    photo = texture(1800, 2280)
    generator = np.random.default_rng(11)
    expected: list[NDArray[np.float64]] = []
    sizes = np.linspace(24, 120, 30)
    generator.shuffle(sizes)
    for index, size in enumerate(sizes):
        scaled = head_of(head, float(size), whole)
        side = scaled.shape[0]
        slack = 360 - side
        top = 360 * (index // 6) + int(generator.integers(0, slack + 1))
        left = 380 * (index % 6) + int(generator.integers(0, slack + 1))
        photo[top : top + side, left : left + side] = scaled
        expected.append((np.array(whole.box.centre) - [100, 0]) * side / 240 + [left, top])
    found = detector.detect(photo)
    assert len(found) == 30
    for centre, size in zip(expected, sizes, strict=True):
        distances = [float(np.linalg.norm(np.array(face.box.centre) - centre)) for face in found]
        nearest = found[int(np.argmin(distances))]
        assert min(distances) < 0.2 * size
        assert 0.75 < nearest.box.size / size < 1.35
        assert_landmarks_in_place(nearest)


def test_a_face_is_found_once_wherever_tiles_are_cut(detector: CenterFace, head: ByteImage) -> None:
    small_tiles = CenterFace(CenterFaceOptions(pyramid=ScalePyramid(largest_enlargement=1.0, tile=288)))
    for offset in range(0, 288, 36):
        photo = texture(400, 800)
        photo[80:320, offset : offset + 240] = head
        (face,) = small_tiles.detect(photo)
        shift = np.array([offset - 100, 80])
        np.testing.assert_allclose(face.landmarks[:2], EYES + shift, atol=0.15 * EYE_DISTANCE)


def test_smeared_faces_are_found_by_way_of_the_coarser_scales(detector: CenterFace, astronaut: ByteImage) -> None:
    """Camera shake over a fifth of the face: at the photo's own size alone the network misses what the pyramid finds."""
    own_size_only = CenterFace(CenterFaceOptions(pyramid=ScalePyramid(largest_enlargement=1.0, coarsest_side=10**6)))
    found, found_at_own_size = 0, 0
    for seed in range(10):
        kernel = shake_kernel(np.random.default_rng(seed), 33)
        smeared = cv2.filter2D(astronaut[:300, 80:380], -1, kernel[::-1, ::-1])
        faces = detector.detect(smeared)  # type: ignore[arg-type]
        found += any(
            np.linalg.norm(face.landmarks[:2].mean(0) + [80, 0] - EYES.mean(0)) < EYE_DISTANCE for face in faces
        )
        found_at_own_size += bool(own_size_only.detect(smeared))  # type: ignore[arg-type]
    assert found >= 8
    assert found >= found_at_own_size


def test_the_threshold_is_the_least_score(astronaut: ByteImage) -> None:
    score = CenterFace().detect(astronaut)[0].score
    assert CenterFace(CenterFaceOptions(threshold=score - 1e-6)).detect(astronaut)
    assert not CenterFace(CenterFaceOptions(threshold=score + 1e-6)).detect(astronaut)


def write_network(path: Path, heat: float, outputs: tuple[str, ...] = ("537", "538", "539", "540")) -> None:
    """A network of CenterFace's signature that answers with one value everywhere."""
    channels = dict(zip(outputs, (1, 2, 2, 10), strict=False))
    nodes, initializers = [], []
    for name, count in channels.items():
        weights = np.zeros((count, 3, 4, 4), np.float32)
        bias = np.full(count, heat if name == "537" else 0.0, np.float32)
        initializers += [
            onnx.numpy_helper.from_array(weights, f"w{name}"),
            onnx.numpy_helper.from_array(bias, f"b{name}"),
        ]
        nodes.append(helper.make_node("Conv", ["input.1", f"w{name}", f"b{name}"], [name], strides=[4, 4]))
    graph = helper.make_graph(
        nodes,
        "answers",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", count, "r", "c"])
            for name, count in channels.items()
        ],
        initializers,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


def test_a_network_of_ones_own_is_used(tmp_path: Path) -> None:
    write_network(tmp_path / "sure.onnx", heat=0.75)
    pyramid = ScalePyramid(largest_enlargement=1.0, coarsest_side=64)
    faces = CenterFace(CenterFaceOptions(pyramid=pyramid), tmp_path / "sure.onnx").detect(
        np.zeros((64, 64, 3), np.uint8)
    )
    assert len(faces) == 16 * 16  # one in each cell, none overlapping
    assert all(face.score == 0.75 and face.box.size == pytest.approx(4) for face in faces)


def test_a_network_that_answers_with_no_numbers_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    write_network(path, heat=float("nan"))
    with pytest.raises(ModelError, match=r"broken\.onnx: the network answered with values that are no numbers"):
        CenterFace(model=path).detect(np.zeros((64, 64, 3), np.uint8))


def test_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    write_network(path, heat=0.0, outputs=("537", "scale", "539", "540"))
    with pytest.raises(ModelError, match=r"other\.onnx: not a CenterFace network"):
        CenterFace(model=path)


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.onnx: there is no such network file"):
        CenterFace(model=tmp_path / "gone.onnx")
