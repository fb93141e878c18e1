"""YuNet's wrapper, on small networks of YuNet's true outputs that take red squares for faces."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from clearface.detectors.scales import ScalePyramid
from clearface.detectors.yunet import YuNet, YuNetOptions
from clearface.errors import ModelError
from clearface.faces import Box
from clearface.weights import weight_path

STRIDES = (8, 16, 32)
ONE_LEVEL = ScalePyramid(largest_enlargement=1.0, coarsest_side=10_000, tile=10_000)
BIAS = {
    "cls": [0.0],
    "obj": [0.0],
    "bbox": [0.5, 0.5, float(np.log(3)), float(np.log(4))],
    "kps": [0.0, -0.2, 1.0, -0.2, 0.5, 0.5, 0.1, 1.1, 0.9, 1.1],
}
"""A face three cells wide and four high around a red cell, eyes at the upper corners of the cell, by YuNet's code: centres in
parts of a cell from the cell's corner, logarithms of the sides in cells, and points in parts of a cell."""


def write_red_square_network(path: Path, sides: tuple[int | str, int | str]) -> None:
    """On the stride of 16, a cell is a face as surely as it is red; the other strides see nothing. Input is BGR."""
    nodes, outputs, initializers = [], {}, []

    def constant(name: str, values: object, kind: type = np.float32) -> str:
        initializers.append(onnx.numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    for stride in STRIDES:
        pooled = f"pooled_{stride}"
        nodes.append(
            helper.make_node(
                "AveragePool", ["input"], [pooled], kernel_shape=[stride, stride], strides=[stride, stride]
            )
        )
        for kind, bias in BIAS.items():
            name, channels = f"{kind}_{stride}", len(bias)
            weights = np.zeros((channels, 3, 1, 1))
            if stride == 16 and kind in ("cls", "obj"):
                weights[0, 2] = 1 / 255
            inputs = [pooled, constant(f"w_{name}", weights), constant(f"b_{name}", bias)]
            nodes.append(helper.make_node("Conv", inputs, [f"conv_{name}"], kernel_shape=[1, 1]))
            nodes.append(helper.make_node("Transpose", [f"conv_{name}"], [f"last_{name}"], perm=[0, 2, 3, 1]))
            shape = constant(f"s_{name}", [1, -1, channels], np.int64)
            nodes.append(helper.make_node("Reshape", [f"last_{name}", shape], [name]))
            outputs[name] = helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, channels])
    graph = helper.make_graph(
        nodes,
        "red_squares",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, *sides])],
        [outputs[f"{kind}_{stride}"] for kind in BIAS for stride in STRIDES],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@pytest.fixture(params=[("height", "width"), (640, 640)], ids=["any size", "as the 2023 release"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "yunet.onnx"
    write_red_square_network(path, request.param)
    return path


@pytest.mark.parametrize("shape", [(200, 300), (203, 333), (81, 113)])
def test_a_face_comes_back_where_the_network_put_it(network: Path, shape: tuple[int, int]) -> None:
    picture = np.zeros((*shape, 3), np.uint8)
    picture[64:80, 96:112, 0] = 255
    (face,) = YuNet(network, YuNetOptions(pyramid=ONE_LEVEL)).detect(picture)
    assert face.score == pytest.approx(1.0)
    assert face.box == Box(80, 40, 128, 104)
    points = np.array([[96, 60.8], [112, 60.8], [104, 72], [97.6, 81.6], [110.4, 81.6]])
    np.testing.assert_allclose(face.landmarks, points, atol=1e-4)


def test_the_threshold_decides(network: Path) -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[16:32, 16:32, 0] = 128
    assert len(YuNet(network, YuNetOptions(0.49, ONE_LEVEL)).detect(picture)) == 1
    assert YuNet(network, YuNetOptions(0.51, ONE_LEVEL)).detect(picture) == []


def test_a_face_is_found_once_over_all_scales_of_a_large_photo(network: Path) -> None:
    picture = np.zeros((900, 1600, 3), np.uint8)
    picture[432:464, 992:1024, 0] = 255
    faces = YuNet(network).detect(picture)
    assert len(faces) == 1
    assert faces[0].box.left < 1008 < faces[0].box.right
    assert faces[0].box.top < 448 < faces[0].box.bottom


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"yunet\.onnx: there is no such network file"):
        YuNet(tmp_path / "yunet.onnx")


def test_what_is_no_network_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "letter.onnx"
    path.write_text("Dear network,")
    with pytest.raises(ModelError, match=r"letter\.onnx: not a YuNet network that OpenCV can run \(.+\)$"):
        YuNet(path)
    assert capfd.readouterr() == ("", "")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.onnx"
    path.touch()
    with pytest.raises(ModelError, match=r"empty\.onnx: not a YuNet network"):
        YuNet(path)


def test_a_network_of_another_kind_is_refused() -> None:
    with pytest.raises(ModelError, match=r"centerface\.onnx: not a YuNet network"):
        YuNet(weight_path("centerface.onnx"))
