"""Pseudo-masks from a tiny network that knows colours."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from skimage import data

from clearface.arrays import ByteImage
from clearface.errors import ModelError
from clearface.masks import UNKNOWN, FaceClass
from clearface.train.face_sets import load_face_sets
from clearface.train.prepare.options import PrepareOptions, parsing_network
from clearface.train.prepare.parsing import FaceParser
from clearface.train.prepare.preparing import prepare

SavePhoto = Callable[[str, ByteImage], Path]


def write_parser(path: Path, classes: int = 11, sharpness: float = 40, input_name: str = "face") -> Path:
    """Red is skin, green is hair, blue is other, dark is background: a 1x1 convolution and a softmax."""
    weight, bias = np.zeros((classes, 3, 1, 1), np.float32), np.full(classes, -sharpness, np.float32)
    for channel, face_class in enumerate((FaceClass.SKIN, FaceClass.HAIR, FaceClass.OTHER)):
        if face_class < classes:
            weight[face_class, channel] = sharpness
            bias[face_class] = 0
    bias[FaceClass.BACKGROUND] = sharpness / 2
    graph = helper.make_graph(
        [
            helper.make_node("Conv", [input_name, "weight", "bias"], ["raw"]),
            helper.make_node("Softmax", ["raw"], ["masks"], axis=1),
        ],
        "parser",
        [helper.make_tensor_value_info(input_name, TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("masks", TensorProto.FLOAT, ["n", classes, "h", "w"])],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("side", [124, 208, 666])
def test_classes_come_back_at_the_size_of_the_crop(tmp_path: Path, side: int) -> None:
    crop = np.zeros((side, side, 3), np.uint8)
    crop[: side // 2, :, 0] = 255
    crop[side // 2 :, side // 2 :, 1] = 255
    mask = FaceParser(write_parser(tmp_path / "p.onnx")).parse(crop)
    assert mask.shape == (side, side)
    quarter = side // 4
    assert mask[quarter, quarter] == FaceClass.SKIN
    assert mask[-quarter, -quarter] == FaceClass.HAIR
    assert mask[-quarter, quarter] == FaceClass.BACKGROUND


def test_what_the_network_is_not_sure_of_is_unknown(tmp_path: Path) -> None:
    crop = np.zeros((64, 64, 3), np.uint8)
    crop[..., 0], crop[..., 1] = 220, 220
    mask = FaceParser(write_parser(tmp_path / "p.onnx")).parse(crop)
    assert (mask == UNKNOWN).all(), "skin and hair are equally probable"


def test_other_networks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such network"):
        FaceParser(tmp_path / "missing.onnx")
    with pytest.raises(ModelError, match="not a parsing network"):
        FaceParser(write_parser(tmp_path / "named.onnx", input_name="picture"))
    with pytest.raises(ModelError, match=r"answers \(1, 5, 64, 64\)"):
        FaceParser(write_parser(tmp_path / "five.onnx", classes=5)).parse(np.zeros((64, 64, 3), np.uint8))


def test_faces_without_masks_get_them_from_the_network(
    photos: Path, tmp_path: Path, portrait_pixels: ByteImage, save: SavePhoto
) -> None:
    save("a.png", np.ascontiguousarray(portrait_pixels[20:]))
    output = tmp_path / "set"
    summary = prepare([str(photos)], output, PrepareOptions(parser=write_parser(tmp_path / "p.onnx")))
    assert summary.masks == {"pseudo": 1}
    (faces,) = load_face_sets(output)
    assert faces.masks is not None
    parsed = FaceParser(tmp_path / "p.onnx").parse(np.asarray(faces.crops[0]))
    beyond = faces.masks[0] != parsed
    assert beyond.any()
    assert (faces.masks[0][beyond] == UNKNOWN).all()
    assert beyond[0].mean() > 0.5, "the top of the crop lies above the photo"
    assert not beyond[80:130].any()


def test_the_network_that_ships_with_clearface_reads_a_face() -> None:
    path = parsing_network("shipped")
    assert path is not None
    face = data.astronaut()[30:190, 145:305]
    mask = FaceParser(path).parse(np.ascontiguousarray(face))
    middle = mask[60:110, 50:110]
    assert (middle == FaceClass.SKIN).mean() > 0.3
    assert (mask[:20] != FaceClass.SKIN).mean() > 0.9


def test_none_is_no_network_and_a_file_is_itself(tmp_path: Path) -> None:
    assert parsing_network("none") is None
    assert parsing_network(str(tmp_path / "p.onnx")) == tmp_path / "p.onnx"
