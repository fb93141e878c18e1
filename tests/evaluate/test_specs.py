"""What is typed for tests and methods."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.degrade.protocols import PROTOCOLS
from clearface.errors import UsageError
from clearface.evaluate.specs import parse_method, parse_test
from clearface.restorers.registry import RESTORERS, RestorerOptions, build_restorer


@given(st.sampled_from([protocol.name for protocol in PROTOCOLS]), st.integers(32, 1024), st.booleans())
def test_every_part_of_a_test_is_read(protocol: str, size: int, tight: bool) -> None:
    name = f"{protocol}@{size}{'+tight' if tight else ''}"
    test = parse_test(name.upper())
    assert (test.name, test.protocol, test.size, test.tight) == (name, protocol, size, tight)


def test_a_size_of_its_own_comes_before_the_common_one() -> None:
    assert parse_test("shen", 160).size == 160
    assert parse_test("shen@96", 160).size == 96
    assert [parse_test(name).size for name in ("shen", "levin", "mixed", "mild")] == [128, 128, 256, 256]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("shenn", 'did you mean "shen"'),
        ("shen@", "a size in pixels follows @"),
        ("shen@-5", "a size in pixels follows @"),
        ("shen@8", "32 to 1024"),
        ("shen@4000", "32 to 1024"),
    ],
)
def test_a_test_that_cannot_be_meant(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_test(text)


def test_a_method_with_options() -> None:
    method = parse_method("richardson-lucy:psf=motion:15,30,iterations=50,tv=0.01,linear-light=yes")
    assert method.restorer == "richardson-lucy"
    assert not method.true_kernel
    expected = RestorerOptions(
        point_spread_function="motion:15,30", iterations=50, total_variation=0.01, linear_light=True
    )
    assert method.options == expected
    assert parse_method("onnx:model=a b.onnx,preset=gfpgan-1.4").options == RestorerOptions(
        model=Path("a b.onnx"), preset="gfpgan-1.4"
    )


def test_the_true_kernel_is_no_point_spread_function_to_be_read() -> None:
    method = parse_method("wiener:psf=true,balance=0.002")
    assert method.true_kernel
    assert method.options == RestorerOptions(balance=0.002)
    build_restorer(method.restorer, method.options)


def test_every_restorer_can_be_told_all_that_it_takes() -> None:
    words = {"point_spread_function": "psf", "total_variation": "tv"}
    values = {bool: "yes", int: "3", float: "0.5"}
    kinds = {"linear_light": bool, "restore_anyway": bool, "iterations": int}
    for entry in RESTORERS:
        for name in entry.takes:
            if name == "blur_source":
                continue
            value = values[kinds.get(name, float)]
            options = parse_method(f"{entry.name}:{words.get(name, name)}={value}").options
            assert getattr(options, name) is not None
            assert all(getattr(options, field.name) is None for field in fields(options) if field.name != name)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("smdf", 'did you mean "smfd"'),
        ("smfd:psf=box:5", "smfd takes fidelity, restore-anyway"),
        ("identity:fidelity=1", "identity takes no options"),
        ("smfd:fidelity", "name=value"),
        ("smfd:fidelity=", "name=value"),
        ("smfd:fidelity=much", "no value for fidelity"),
        ("smfd:fidelity=nan", "no value for fidelity"),
        ("smfd:fidelity=0.5,fidelity=0.6", "given twice"),
        ("wiener:psf=true,psf=box:3", "given twice"),
        ("smfd:fidelty=0.5", 'did you mean "fidelity"'),
    ],
)
def test_a_method_that_cannot_be_meant(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_method(text)
