"""Detectors by name."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from clearface.arrays import ByteImage
from clearface.detectors.centerface import CenterFace
from clearface.detectors.registry import DETECTORS, DetectorOptions, build_detector
from clearface.errors import ModelError, UsageError


def test_names_are_unique_and_options_exist() -> None:
    names = [entry.name for entry in DETECTORS]
    assert len(set(names)) == len(names)
    options = {field.name for field in fields(DetectorOptions)}
    assert all(set(entry.takes) <= options and entry.summary for entry in DETECTORS)


def test_centerface_is_the_first_and_built_with_its_own_defaults(astronaut: ByteImage) -> None:
    assert DETECTORS[0].name == "centerface"
    detector = build_detector("CenterFace")
    assert isinstance(detector, CenterFace)
    assert detector.options == CenterFace().options
    assert len(detector.detect(astronaut)) == 1


def test_the_threshold_arrives() -> None:
    detector = build_detector("centerface", DetectorOptions(threshold=0.77))
    assert isinstance(detector, CenterFace)
    assert detector.options.threshold == 0.77


@pytest.mark.parametrize("threshold", [-0.01, 0.0, 1.01, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match="above 0 and at most at 1"):
        build_detector("centerface", DetectorOptions(threshold=threshold))


def test_a_mistyped_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r'no detector "centreface".*centerface'):
        build_detector("centreface")


def test_an_option_the_detector_does_not_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="the detector mtcnn has no model, which is for centerface, yunet; it takes threshold"
    ):
        build_detector("mtcnn", DetectorOptions(model=tmp_path / "own.onnx"))


def test_yunet_asks_for_a_model() -> None:
    with pytest.raises(UsageError, match="yunet needs a model"):
        build_detector("yunet")


@pytest.mark.parametrize("name", ["centerface", "yunet"])
def test_a_model_that_is_not_there_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.onnx"):
        build_detector(name, DetectorOptions(model=tmp_path / "gone.onnx"))


def test_listing_detectors_loads_nothing_heavy() -> None:
    code = (
        "import sys, clearface.detectors.registry, clearface.detectors.selection\n"
        "print([name for name in ('cv2', 'onnxruntime', 'tensorflow', 'mtcnn', 'scipy', 'skimage') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
