import json
from typing import Any

import pytest

from clearface.errors import ModelError
from clearface.restorers.smfd.description import (
    DeblurringSettings,
    KernelSettings,
    ReaderSettings,
    SmfdSettings,
    read_settings,
    write_settings,
)

KERNEL = KernelSettings(37, 128, 160, (0.05, 0.3, 2.0))
DEBLURRING = DeblurringSettings((0.001, 0.01, 0.06), 0.01, 2.4)


@pytest.mark.parametrize("settings", [ReaderSettings(16), KERNEL, DEBLURRING])
def test_what_is_written_is_read(settings: SmfdSettings) -> None:
    assert read_settings(type(settings), write_settings(settings), "x.onnx") == settings


def changed(settings: SmfdSettings, **fields: Any) -> str:
    return json.dumps(json.loads(write_settings(settings)) | fields)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "not by a list"),
        (write_settings(DEBLURRING), 'does not describe the network "smfd-kernel"'),
        (changed(KERNEL, tapps=3), 'did you mean "taps"'),
        ('{"network": "smfd-kernel", "taps": 37}', '"size" is missing'),
        (changed(KERNEL, taps="37"), '"taps" cannot be "37"'),
        (changed(KERNEL, taps=True), '"taps" cannot be true'),
        (changed(KERNEL, taps=37.5), '"taps" cannot be 37.5'),
        (changed(KERNEL, taps=36), '"taps" is odd'),
        (changed(KERNEL, taps=-1), '"taps" is a number of pixels'),
        (changed(KERNEL, transform=100), "fall"),
        (changed(KERNEL, strengths=0.1), '"strengths" cannot be 0.1'),
        (changed(KERNEL, strengths=["a"]), '"strengths" cannot be ["a"]'),
        (changed(KERNEL, strengths=[]), '"strengths" are positive'),
        (changed(KERNEL, strengths=[0.1, -1]), '"strengths" are positive'),
    ],
)
def test_anything_else_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_settings(KernelSettings, text, "x.onnx")
    assert str(caught.value).startswith("x.onnx: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(("field", "value"), [("error_at_90", 0), ("error_at_90", float("nan")), ("flat", -1)])
def test_a_scale_is_positive(field: str, value: float) -> None:
    with pytest.raises(ModelError, match=f'"{field}" is positive'):
        read_settings(DeblurringSettings, changed(DEBLURRING, **{field: value}), "x.onnx")


def test_what_cannot_be_is_not_written() -> None:
    with pytest.raises(ValueError, match="odd"):
        write_settings(KernelSettings(36, 128, 160, (0.1,)))
