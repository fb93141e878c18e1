import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from clearface.arrays import FloatArray
from clearface.errors import ModelError, UsageError
from clearface.restorers.base import Framing, restore_checked
from clearface.restorers.network_description import NetworkDescription
from clearface.restorers.onnx_network import OnnxNetwork
from clearface.restorers.presets import PRESETS, find_preset

Maker = Callable[..., Any]

PLAIN = NetworkDescription("plain")


def faces(count: int = 2, side: int = 32) -> FloatArray:
    """Random faces in the middle of the range, so that nothing is clipped."""
    return (0.3 + 0.4 * np.random.default_rng(count * side).random((count, side, side, 3))).astype(np.float32)


@pytest.mark.parametrize("order", ["rgb", "bgr"])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_range_and_channel_order(tmp_path: Path, tiny_network: Maker, order: str, low: float, high: float) -> None:
    # The network doubles its own first channel; what the others hold comes back as it was.
    path = tiny_network(gains=(1.2, 1.0, 1.0)).save(tmp_path / "net.onnx")
    given_faces = faces()
    restored = OnnxNetwork(path, NetworkDescription(low=low, high=high, channel_order=order)).restore(given_faces).faces
    first = 0 if order == "rgb" else 2
    expected = given_faces.copy()
    expected[..., first] = ((given_faces[..., first] * (high - low) + low) * 1.2 - low) / (high - low)
    np.testing.assert_allclose(restored, expected, atol=1e-6)
    assert restored.dtype == np.float32


def test_the_last_axis_may_hold_the_channels(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network(shape=("n", "h", "w", 3), gains=(1.1, 1.2, 1.3)).save(tmp_path / "net.onnx")
    restored = OnnxNetwork(path, NetworkDescription(layout="nhwc")).restore(faces()).faces
    np.testing.assert_allclose(restored, faces() * np.array([1.1, 1.2, 1.3], np.float32), atol=1e-6)


@pytest.mark.parametrize("number_type", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_other_floats(tmp_path: Path, tiny_network: Maker, number_type: int) -> None:
    path = tiny_network(number_type=number_type, offset=0.1).save(tmp_path / "net.onnx")
    np.testing.assert_allclose(OnnxNetwork(path, PLAIN).restore(faces()).faces, faces() + 0.1, atol=2e-3)


def test_answers_are_clipped(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network(gains=(-1.0, 5.0, 1.0)).save(tmp_path / "net.onnx")
    restored = OnnxNetwork(path, PLAIN).restore(faces()).faces
    assert not restored[..., 0].any()
    assert (restored[..., 1] == 1).all()


@pytest.mark.parametrize("preset", [preset.name for preset in PRESETS])
def test_presets_run_files_of_their_signature(tmp_path: Path, tiny_network: Maker, preset: str) -> None:
    description = find_preset(preset)
    size = description.size
    path = tiny_network(shape=(1, 3, size, size), offset=0.1, gains=(1.0, 0.9, 0.8)).save(tmp_path / "net.onnx")
    network = OnnxNetwork(path, description)
    assert network.name == preset
    assert network.framing is Framing.TEMPLATE
    assert network.working_size(77.0) == size
    assert size is not None
    face = faces(1, size)
    expected = ((face * 2 - 1) * np.array([1.0, 0.9, 0.8]) + 0.1 + 1) / 2
    np.testing.assert_allclose(network.restore(face).faces, expected, atol=1e-6)


@pytest.mark.parametrize("weight_type", [TensorProto.DOUBLE, TensorProto.FLOAT])
@pytest.mark.parametrize("weight_shape", [(), (1,), ("batch",), ("weights",), (None,)])
@pytest.mark.parametrize("weight_name", ["weight", "w"])
def test_codeformers_weight(
    tmp_path: Path, tiny_network: Maker, weight_type: int, weight_shape: tuple[object, ...], weight_name: str
) -> None:
    path = tiny_network(
        shape=("batch", 3, 512, 512),
        input_name="x",
        weight_name=weight_name,
        weight_type=weight_type,
        weight_shape=weight_shape,
    ).save(tmp_path / "codeformer.onnx")
    face = np.full((1, 512, 512, 3), 0.3, np.float32)
    answers = [
        float(OnnxNetwork(path, find_preset("codeformer"), fidelity).restore(face).faces.mean())
        for fidelity in (0.0, None, 1.0)
    ]
    # The weight, halved, is added in the range of -1 to 1; the preset's own is 0.5.
    np.testing.assert_allclose(answers, [0.3, 0.425, 0.55], atol=1e-6)


def test_a_weight_as_long_as_the_batch(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network(weight_name="w", weight_shape=("batch", 1)).save(tmp_path / "net.onnx")
    # Broadcast as (N, 1) against (N, 3, H, W): only N = H works, as it does here.
    network = OnnxNetwork(path, NetworkDescription(weight=0.2, stride=1))
    np.testing.assert_allclose(network.restore(faces(4, 4)).faces, faces(4, 4) + 0.1, atol=1e-6)


def test_a_weight_nobody_gave_is_asked_for(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network(weight_name="w").save(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match=r'net\.onnx: the input "w" wants a weight'):
        OnnxNetwork(path, PLAIN)


@pytest.mark.parametrize("fidelity", [-0.1, 1.1, float("nan")])
def test_fidelity_out_of_range_is_refused(tmp_path: Path, tiny_network: Maker, fidelity: float) -> None:
    path = tiny_network(weight_name="w").save(tmp_path / "net.onnx")
    with pytest.raises(UsageError, match="fidelity lies in 0 to 1"):
        OnnxNetwork(path, PLAIN, fidelity)


def test_fidelity_without_a_weight_is_refused(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network().save(tmp_path / "net.onnx")
    with pytest.raises(UsageError, match=r"net\.onnx: this network takes no fidelity"):
        OnnxNetwork(path, PLAIN, 0.5)


@pytest.mark.parametrize("batch", [1, 3, "batch", None])
@pytest.mark.parametrize("described_batch", [True, False])
@pytest.mark.parametrize("batch_size", [None, 1, 2])
def test_batches(
    tmp_path: Path, tiny_network: Maker, batch: int | str | None, described_batch: bool, batch_size: int | None
) -> None:
    # Five faces: with a batch fixed at three the last run is filled up.
    path = tiny_network(shape=(batch, 3, "h", "w"), offset=0.1, confidence_name="sure").save(tmp_path / "net.onnx")
    description = NetworkDescription(batch=described_batch, confidence_output="sure")
    restored = OnnxNetwork(path, description, batch_size=batch_size).restore(faces(5))
    np.testing.assert_allclose(restored.faces, faces(5) + 0.1, atol=1e-6)
    assert restored.confidence is not None
    np.testing.assert_allclose(restored.confidence, (faces(5) + 0.1).mean(-1), atol=1e-6)


def test_no_face_at_once_is_refused(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network().save(tmp_path / "net.onnx")
    with pytest.raises(UsageError, match="at least 1 face"):
        OnnxNetwork(path, PLAIN, batch_size=0)


def test_no_faces_are_no_work(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network().save(tmp_path / "net.onnx")
    assert OnnxNetwork(path, PLAIN).restore(faces(0)).faces.shape == (0, 32, 32, 3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.integers(1, 70), st.sampled_from([1, 7, 16, 32]))
def test_any_size_goes_through_a_free_network(tmp_path: Path, tiny_network: Maker, side: int, stride: int) -> None:
    path = tmp_path / "net.onnx"
    if not path.exists():
        tiny_network(offset=0.1, confidence_name="sure").save(path)
    description = NetworkDescription(stride=stride, confidence_output="sure")
    restored = OnnxNetwork(path, description).restore(faces(2, side))
    np.testing.assert_allclose(restored.faces, faces(2, side) + 0.1, atol=1e-6)
    assert restored.confidence is not None
    np.testing.assert_allclose(restored.confidence, (faces(2, side) + 0.1).mean(-1), atol=1e-6)


def test_the_network_sees_multiples_of_its_stride(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network(blocks=True).save(tmp_path / "net.onnx")
    np.testing.assert_allclose(OnnxNetwork(path, PLAIN).restore(faces(2, 33)).faces, faces(2, 33), atol=1e-6)
    with pytest.raises(ModelError, match="failed on a face"):
        OnnxNetwork(path, NetworkDescription(stride=1)).restore(faces(2, 33))


def test_working_sizes(tmp_path: Path, tiny_network: Maker) -> None:
    free = tiny_network().save(tmp_path / "free.onnx")
    fixed = tiny_network(shape=(1, 3, 256, 256)).save(tmp_path / "fixed.onnx")
    assert OnnxNetwork(free, PLAIN).working_size(140) == 128
    assert OnnxNetwork(free, NetworkDescription(size=512)).working_size(140) == 512
    assert OnnxNetwork(fixed, PLAIN).working_size(140) == 256
    with pytest.raises(ModelError, match="takes faces of 256 pixels, not 32"):
        OnnxNetwork(fixed, PLAIN).restore(faces())


def test_descriptions_beside_and_inside(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network(offset=0.1, metadata={"name": "inside", "low": -1}).save(tmp_path / "net.onnx")
    network = OnnxNetwork(path)
    assert network.name == "inside"
    np.testing.assert_allclose(network.restore(faces()).faces, faces() + 0.05, atol=1e-6)
    (tmp_path / "net.json").write_text(json.dumps({"channel_order": "bgr"}), encoding="utf-8")
    network = OnnxNetwork(path)
    assert network.name == "net"
    np.testing.assert_allclose(network.restore(faces()).faces, faces() + 0.1, atol=1e-6)


def test_a_network_nobody_describes_is_refused(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network().save(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match=r"name a preset \(gfpgan-1.4, .*\) or describe it in net.json"):
        OnnxNetwork(path)


def test_broken_descriptions_are_named(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network(metadata={"sise": 512}).save(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match=r'net\.onnx: its metadata: "sise" .* did you mean "size"'):
        OnnxNetwork(path)
    (tmp_path / "net.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(ModelError, match=r"net\.json: cannot be read"):
        OnnxNetwork(path)


@pytest.mark.parametrize(
    ("network", "description", "said"),
    [
        ({"shape": ("n", 1, "h", "w")}, {}, 'has 3 channels, and the input "input" takes 1'),
        ({"shape": ("n", "h", "w", 3)}, {}, 'the channels of the input "input" lie elsewhere: its layout is "nhwc"'),
        ({}, {"layout": "nhwc"}, 'its layout is "nchw"'),
        ({"shape": ("n", 3, 64, 32)}, {}, "64x32|32x64"),
        ({"shape": (1, 3, 256, 256)}, {"size": 512}, 'takes faces of 256 pixels, and "net" is described as taking 512'),
        (
            {"shape": (3, "h", "w")},
            {},
            r'wants one input of four dimensions; its inputs are "input" \(float, 3 x h x w\)',
        ),
        ({"confidence_name": "sure"}, {"output_name": "sure"}, 'the output "sure" is no picture as large as the face'),
        (
            {"shape": (1, 3, 64, 64), "crop": True, "output_shape": (1, 3, 63, 64)},
            {},
            "as large as the face: float, 1 x 3",
        ),
        ({}, {"input_name": "inputs"}, 'it has no input "inputs": did you mean "input"'),
        ({}, {"output_name": "outputs"}, 'it has no output "outputs": did you mean "output"'),
        ({}, {"confidence_output": "sure"}, 'it has no output "sure": choose from output'),
        ({"weight_name": "w"}, {"weight_input": "weight"}, 'it has no input "weight"'),
        ({"weight_name": "w"}, {"input_name": "w"}, 'the input "w" takes no batch of pictures: double, 1'),
        (
            {"weight_name": "w", "weight_shape": (3,)},
            {"weight": 0.5},
            'the input "w" takes no single weight: double, 3',
        ),
        ({"weight_name": "w", "weight_type": TensorProto.INT64}, {"weight": 0.5}, "takes no single weight: int64"),
    ],
)
def test_wrong_signatures_are_named(
    tmp_path: Path, tiny_network: Maker, network: dict[str, Any], description: dict[str, Any], said: str
) -> None:
    path = tiny_network(**network).save(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match=said) as caught:
        OnnxNetwork(path, NetworkDescription("net", **description))
    assert str(caught.value).startswith(str(path))


def test_files_that_are_no_networks_are_named(tmp_path: Path) -> None:
    text, empty = tmp_path / "text.onnx", tmp_path / "empty.onnx"
    text.write_text("hello")
    empty.touch()
    for path, said in (
        (text, "not an ONNX network"),
        (empty, "not an ONNX network"),
        (tmp_path / "no.onnx", "no such"),
    ):
        with pytest.raises(ModelError, match=said) as caught:
            OnnxNetwork(path, PLAIN)
        assert str(caught.value).startswith(str(path))


def test_nonsense_from_a_network_is_refused(tmp_path: Path, tiny_network: Maker) -> None:
    broken = tiny_network(offset=float("nan")).save(tmp_path / "broken.onnx")
    with pytest.raises(ModelError, match="plain: answered with faces that are not finite"):
        restore_checked(OnnxNetwork(broken, PLAIN), faces())
    short = tiny_network(crop=True, output_shape=("n", 3, "less", "width")).save(tmp_path / "short.onnx")
    with pytest.raises(
        ModelError, match=r"short\.onnx: the network answered with shape \(2, 3, 31, 32\) for 2 faces of 32"
    ):
        OnnxNetwork(short, PLAIN).restore(faces())
    picture = tiny_network(confidence_name="sure").save(tmp_path / "picture.onnx")
    with pytest.raises(ModelError, match=r"picture\.onnx: .* confidence of shape \(2, 3, 32, 32\)"):
        OnnxNetwork(picture, NetworkDescription(confidence_output="output")).restore(faces())


def test_a_network_that_fails_on_a_face_is_named(tmp_path: Path, tiny_network: Maker) -> None:
    # A weight as long as the batch does not broadcast against the width: the run fails, and says which file.
    path = tiny_network(weight_name="w", weight_shape=("batch",)).save(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match=r"net\.onnx: the network failed on a face \("):
        OnnxNetwork(path, NetworkDescription(weight=0.5)).restore(faces(3))


def test_the_input_is_left_as_it_is(tmp_path: Path, tiny_network: Maker) -> None:
    path = tiny_network(offset=0.1).save(tmp_path / "net.onnx")
    given_faces = faces()
    OnnxNetwork(path, PLAIN).restore(given_faces)
    np.testing.assert_array_equal(given_faces, faces())
