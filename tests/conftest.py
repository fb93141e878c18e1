"""What every test may use: pictures of the public-domain astronaut, and small untrained networks of clearface's own kind."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
import skimage.data
from hypothesis import settings
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from clearface import cli
from clearface.arrays import ByteImage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No test depends on how fast the machine is, nor on what else it does.
settings.register_profile("clearface", deadline=None)
settings.load_profile("clearface")


REQUIRE_CHROMIUM = "CLEARFACE_REQUIRE_CHROMIUM"


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """The system's Chromium; skipped where there is none, unless the environment requires it."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        sentence = "Chromium is missing: apt-get install chromium"
        if os.environ.get(REQUIRE_CHROMIUM):
            pytest.fail(f"{sentence} ({REQUIRE_CHROMIUM} is set)")
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


REQUIRE_FFMPEG = "CLEARFACE_REQUIRE_FFMPEG"


@dataclass(frozen=True)
class FFmpeg:
    """The programs ffmpeg and ffprobe of the system: makers and judges of films that share no code with what is tested."""

    ffmpeg: str
    ffprobe: str

    def make(self, *arguments: object) -> None:
        """Runs ffmpeg with arguments, the last of which is a file it may replace."""
        command = [self.ffmpeg, "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr

    def complaints(self, path: Path) -> str:
        """What ffmpeg has to say against a film while it decodes all of it."""
        command = [self.ffmpeg, "-nostdin", "-loglevel", "error", "-i", str(path), "-map", "0:v", "-f", "null", "-"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stderr

    def probe(self, path: Path, *more: str) -> dict[str, Any]:
        """What ffprobe says of streams, format and chapters, and what else it is asked for (`-show_packets`)."""
        command = [self.ffprobe, "-loglevel", "error", "-show_streams", "-show_format", "-show_chapters", "-of", "json"]
        told: dict[str, Any] = json.loads(
            subprocess.run([*command, *more, str(path)], capture_output=True, check=True).stdout
        )
        return told

    def stream(self, path: Path, kind: str = "video") -> dict[str, Any]:
        """The first stream of a kind."""
        found: dict[str, Any] = next(each for each in self.probe(path)["streams"] if each["codec_type"] == kind)
        return found

    def times(self, path: Path) -> list[float]:
        """When each frame of the picture is shown, in seconds."""
        frames = self.probe(path, "-select_streams", "v:0", "-show_frames")["frames"]
        return [float(frame.get("best_effort_timestamp_time", frame.get("pkt_dts_time", "nan"))) for frame in frames]

    def packets(self, path: Path, stream: str) -> list[tuple[str, str]]:
        """Checksum and size of each packet of a stream, such as "a:0"."""
        told = self.probe(path, "-select_streams", stream, "-show_packets", "-show_data_hash", "md5")
        return [(packet["data_hash"], packet["size"]) for packet in told["packets"]]

    def rgb(self, path: Path, form: str = "rgb24") -> np.ndarray:
        """All frames `(N, H, W, 3)` as ffmpeg shows them, turned upright."""
        command = [
            self.ffmpeg,
            "-nostdin",
            "-loglevel",
            "error",
            "-i",
            str(path),
            "-map",
            "0:v:0",
            "-vsync",
            "passthrough",
        ]
        done = subprocess.run(
            [*command, "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", form, "-"], capture_output=True, check=True
        )
        size = done.stdout.split(b"\n", 2)[1].split()
        width, height = int(size[0]), int(size[1])
        head = len(b"\n".join(done.stdout.split(b"\n", 3)[:3])) + 1
        frames = np.frombuffer(done.stdout, np.uint8).reshape(-1, head + width * height * 3)
        return frames[:, head:].reshape(-1, height, width, 3)


@pytest.fixture(scope="session")
def ffmpeg() -> FFmpeg:
    """The system's ffmpeg; skipped where there is none, unless the environment requires it."""
    programs = shutil.which("ffmpeg"), shutil.which("ffprobe")
    if None in programs:
        sentence = "ffmpeg is missing: apt-get install ffmpeg"
        if os.environ.get(REQUIRE_FFMPEG):
            pytest.fail(f"{sentence} ({REQUIRE_FFMPEG} is set)")
        pytest.skip(sentence)
    return FFmpeg(str(programs[0]), str(programs[1]))


@pytest.fixture(scope="session")
def astronaut() -> ByteImage:
    """RGB uint8 `(512, 512, 3)`, one frontal face."""
    return np.ascontiguousarray(skimage.data.astronaut())


@pytest.fixture
def portrait(tmp_path: Path, astronaut: ByteImage) -> Path:
    """A JPEG of the astronaut's upper half."""
    path = tmp_path / "portrait.jpg"
    Image.fromarray(astronaut[:300, 80:380]).save(path, quality=92)
    return path


@pytest.fixture
def meadow(tmp_path: Path) -> Path:
    """A PNG without a face."""
    path = tmp_path / "meadow.png"
    Image.fromarray(np.ascontiguousarray(skimage.data.grass()[:200, :240])).convert("RGB").save(path)
    return path


@pytest.fixture(scope="session")
def smfd_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four files of SMFD, small and of random weights, as released ones are exported."""
    import torch
    from torch import Tensor, nn

    from clearface.nets.deblurring_unet import DeblurringUNet, DeblurringUNetConfig
    from clearface.nets.filtering import FilterConfig
    from clearface.nets.kernel_estimator import KernelEstimator, KernelEstimatorConfig
    from clearface.nets.mask_generator import MaskGenerator, MaskGeneratorConfig
    from clearface.restorers.smfd import description

    class Reading(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = MaskGenerator(MaskGeneratorConfig((8, 8, 8, 8), (1, 1, 1, 1)))

        def forward(self, face: Tensor) -> tuple[Tensor, Tensor]:
            logits, guess = self.network(face)
            return logits.softmax(1), guess

    class Estimating(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = KernelEstimator(KernelEstimatorConfig(channels=(8, 8, 8)))

        def forward(self, evidence: Tensor) -> tuple[Tensor, Tensor]:
            kernels, logit = self.network(evidence)
            return kernels, logit.sigmoid()

    class Deblurring(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = DeblurringUNet(DeblurringUNetConfig(channels=(8, 8, 8, 8), layers=(1, 1, 1, 1)))

        def forward(self, candidates: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
            restored, log_error = self.network(candidates, masks)
            return restored, log_error.exp()

    folder = tmp_path_factory.mktemp("smfd")
    kernel, filters = KernelEstimatorConfig(), FilterConfig()
    deblurring = description.DeblurringSettings(filters.strengths, filters.flat, error_at_90=2.5)
    estimating = description.KernelSettings(kernel.taps, kernel.size, kernel.transform, kernel.strengths)
    size = {0: "batch", 2: "height", 3: "width"}
    masks, candidates = torch.zeros(2, 11, 64, 64), torch.zeros(2, 15, 64, 64)
    evidence = torch.zeros(2, len(kernel.strengths) + 2, kernel.taps, kernel.taps)
    torch.manual_seed(0)
    _export(
        Reading(),
        {"face": candidates[:, :3]},
        ("masks", "guess"),
        size,
        description.write_settings(description.ReaderSettings(16)),
        folder / description.READER_FILE,
    )
    _export(
        Estimating(),
        {"evidence": evidence},
        ("kernels", "certainty"),
        {0: "batch"},
        description.write_settings(estimating),
        folder / description.KERNEL_FILE,
    )
    for file in (description.FAITHFUL_FILE, description.DETAILED_FILE):
        _export(
            Deblurring(),
            {"candidates": candidates, "masks": masks},
            ("restored", "error"),
            size,
            description.write_settings(deblurring),
            folder / file,
        )
    return folder


def _export(
    network: Any, inputs: dict[str, Any], outputs: tuple[str, ...], axes: dict[int, str], settings: str, path: Path
) -> None:
    """What begins silent in a network would be silent in the tests too, and is not."""
    import onnx
    import torch

    for parameter in network.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        torch.onnx.export(
            network.eval(),
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=dict.fromkeys((*inputs, *outputs), axes),
            opset_version=17,
            dynamo=False,
        )
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"clearface": settings})
    onnx.save(model, path)


def _fix_last_layer(model: Any, log_error: float | None, still: bool) -> None:
    """In a deblurring network, whose last layer answers with 12 planes of change, 20 of shares, and 4 of log error."""
    from onnx import numpy_helper

    for tensor in model.graph.initializer:
        name = tensor.name.rpartition("leave.")[2]
        if name not in ("weight", "bias"):
            continue
        values = numpy_helper.to_array(tensor).copy()
        if log_error is not None:
            values[32:] = log_error if name == "bias" else 0
        if still:  # no change, and the first candidate alone
            values[:32] = 0
            if name == "bias":
                values[12:16], values[16:32] = 50, -50
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def _telling(model: Any, kernel: np.ndarray, certainty: float) -> Any:
    """A kernel network that says the same of every face."""
    from onnx import helper, numpy_helper

    nodes = [
        helper.make_node("ReduceMean", ["evidence"], ["means"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["means", "nothing"], ["nothings"]),
        helper.make_node("Add", ["nothings", "sure"], ["certainty"]),
        helper.make_node("Reshape", ["nothings", "column"], ["nothings_down"]),
        helper.make_node("Add", ["nothings_down", "kernel"], ["kernels"]),
    ]
    constants: dict[str, np.ndarray] = {
        "nothing": np.zeros((), np.float32),
        "sure": np.array(certainty, np.float32),
        "column": np.array([-1, 1, 1]),
        "kernel": kernel[None],
    }
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "telling", model.graph.input, model.graph.output, tensors)
    telling = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(telling, {entry.key: entry.value for entry in model.metadata_props})
    return telling


@pytest.fixture
def smfd_saying(smfd_folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a copy of `smfd_folder` with some answers fixed; see `fix`."""
    import onnx

    from clearface.restorers.smfd import description

    def fix(
        kernel: np.ndarray | None = None, certainty: float = 0.9, log_error: float | None = None, still: bool = False
    ) -> Path:
        """kernel: `(37, 37)`, told of every face. log_error: of every pixel, before it is bounded. still: faces come back as
        they were.
        """
        folder = tmp_path / "networks"
        folder.mkdir()
        for path in smfd_folder.iterdir():
            model = onnx.load(path)
            if path.name == description.KERNEL_FILE and kernel is not None:
                model = _telling(model, kernel.astype(np.float32), certainty)
            if path.name in (description.FAITHFUL_FILE, description.DETAILED_FILE):
                _fix_last_layer(model, log_error, still)
            onnx.save(model, folder / path.name)
        return folder

    return fix


@pytest.fixture
def shipped_smfd(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes the networks of a folder those that ship with clearface."""

    def ship(folder: Path) -> None:
        from clearface.restorers.smfd import networks

        monkeypatch.setattr(networks, "weight_path", folder.joinpath)

    return ship


Dimension = int | str | None


@dataclass(frozen=True)
class TinyNetwork:
    """A network that scales what it is fed, and nothing else: what comes back tells how it was fed."""

    shape: tuple[Dimension, ...] = ("batch", 3, "height", "width")
    output_shape: tuple[Dimension, ...] | None = None
    """The declared one; as the input's without."""

    input_name: str = "input"
    output_name: str = "output"
    number_type: int = TensorProto.FLOAT
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """What the channels are multiplied with, in the network's own order."""

    offset: float = 0.0
    weight_name: str | None = None
    """Of an input whose value is added, halved, to every pixel."""

    weight_type: int = TensorProto.DOUBLE
    weight_shape: tuple[Dimension, ...] = (1,)
    confidence_name: str | None = None
    """Of an output with the mean over the channels, `(N, 1, H, W)`."""

    crop: bool = False
    """Whether the last row is lost."""

    blocks: bool = False
    """Whether it only runs where the number of pixels is a multiple of 256."""

    metadata: dict[str, object] | None = field(default=None)

    def save(self, path: Path) -> Path:
        """Writes the network and hands back where."""
        nchw = self.shape[1] == 3
        gain_shape = (1, 3, 1, 1) if nchw else (1, 1, 1, 3)
        floating = helper.tensor_dtype_to_np_dtype(self.number_type)
        constants = {
            "gains": np.array(self.gains, floating).reshape(gain_shape),
            "offset": np.array(self.offset, floating),
            "half": np.array(0.5, floating),
            "last": np.array([-1]),
            "first": np.array([0]),
            "rows": np.array([2]),
            "block": np.array([0, 3, -1, 256]),
        }
        inputs = [helper.make_tensor_value_info(self.input_name, self.number_type, self.shape)]
        outputs = [helper.make_tensor_value_info(self.output_name, self.number_type, self.output_shape or self.shape)]
        nodes = [
            helper.make_node("Mul", [self.input_name, "gains"], ["scaled"]),
            helper.make_node("Add", ["scaled", "offset"], ["moved"]),
        ]
        last = "moved"
        if self.blocks:
            nodes += [
                helper.make_node("Shape", [last], ["whole"]),
                helper.make_node("Reshape", [last, "block"], ["in_blocks"]),
                helper.make_node("Reshape", ["in_blocks", "whole"], ["put_together"]),
            ]
            last = "put_together"
        if self.weight_name is not None:
            inputs.append(helper.make_tensor_value_info(self.weight_name, self.weight_type, self.weight_shape))
            nodes += [
                helper.make_node("Cast", [self.weight_name], ["as_float"], to=self.number_type),
                helper.make_node("Mul", ["as_float", "half"], ["halved"]),
                helper.make_node("Add", [last, "halved"], ["weighted"]),
            ]
            last = "weighted"
        if self.confidence_name is not None:
            outputs.append(helper.make_tensor_value_info(self.confidence_name, self.number_type, None))
            nodes.append(helper.make_node("ReduceMean", [last], [self.confidence_name], axes=[1], keepdims=1))
        if self.crop:
            nodes.append(helper.make_node("Slice", [last, "first", "last", "rows"], [self.output_name]))
        else:
            nodes.append(helper.make_node("Identity", [last], [self.output_name]))
        used = {name for node in nodes for name in node.input}
        tensors = [numpy_helper.from_array(value, name) for name, value in constants.items() if name in used]
        graph = helper.make_graph(nodes, "tiny", inputs, outputs, tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        if self.metadata is not None:
            helper.set_model_props(model, {"clearface": json.dumps(self.metadata)})
        onnx.save(model, path)
        return path


@pytest.fixture
def tiny_network() -> Callable[..., TinyNetwork]:
    """The maker of tiny networks."""
    return TinyNetwork


@dataclass(frozen=True)
class Answer:
    code: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Runs the command line in this process."""

    def call(*arguments: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["clearface", *(str(argument) for argument in arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        code = stopped.value.code
        return Answer(code if isinstance(code, int) else 0 if code is None else 1, captured.out, captured.err)

    return call
