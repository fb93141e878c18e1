import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearface import point_spread
from clearface.errors import ModelError, UsageError
from clearface.restorers.blur_source import KnownBlur
from clearface.restorers.registry import RESTORERS, RestorerOptions, build_restorer
from clearface.restorers.richardson_lucy import RichardsonLucy, RichardsonLucyOptions
from clearface.restorers.wiener import UnsupervisedWiener, Wiener

FACES = np.random.default_rng(0).random((1, 40, 40, 3), dtype=np.float32)

EVERYTHING = RestorerOptions(
    point_spread_function="box:3",
    iterations=5,
    total_variation=0.01,
    linear_light=True,
    balance=0.1,
    model=Path("net.onnx"),
    preset="gpen",
    fidelity=0.5,
    restore_anyway=True,
    blur_source=KnownBlur(),
)


def test_names() -> None:
    assert [entry.name for entry in RESTORERS] == [
        "smfd",
        "richardson-lucy",
        "wiener",
        "unsupervised-wiener",
        "onnx",
        "identity",
    ]


@pytest.mark.parametrize("name", ["richardson-lucy", "wiener", "unsupervised-wiener", "identity"])
def test_built_restorers_bear_their_names(name: str) -> None:
    assert build_restorer(name).name == name
    assert build_restorer(name.upper(), RestorerOptions()).name == name


def test_options_arrive() -> None:
    kernel = point_spread.gaussian(2, 1, 30)
    text = "gaussian:2,1,30"
    for built, expected in (
        (
            build_restorer("richardson-lucy", RestorerOptions(text, 7, 0.01, True)),
            RichardsonLucy(RichardsonLucyOptions(kernel, 7, 0.01, True)),
        ),
        (build_restorer("richardson-lucy"), RichardsonLucy()),
        (build_restorer("wiener", RestorerOptions(text, balance=0.3)), Wiener(kernel, 0.3)),
        (build_restorer("wiener"), Wiener()),
        (build_restorer("unsupervised-wiener", RestorerOptions(text)), UnsupervisedWiener(kernel)),
    ):
        np.testing.assert_array_equal(built.restore(FACES).faces, expected.restore(FACES).faces)


def test_onnx_options_arrive(tmp_path: Path, tiny_network: Callable[..., Any]) -> None:
    path = tiny_network(shape=(1, 3, 512, 512), weight_name="weight").save(tmp_path / "net.onnx")
    restorer = build_restorer("onnx", RestorerOptions(model=path, preset="codeformer", fidelity=1.0))
    assert restorer.name == "codeformer"
    grey = np.full((1, 512, 512, 3), 0.3, np.float32)
    np.testing.assert_allclose(restorer.restore(grey).faces, 0.55, atol=1e-6)


@pytest.mark.parametrize("entry", RESTORERS, ids=lambda entry: entry.name)
def test_an_option_that_would_do_nothing_is_refused(entry: Any) -> None:
    for name, value in vars(EVERYTHING).items():
        if name not in entry.takes:
            with pytest.raises(UsageError, match=f"{entry.name} has no {name.replace('_', ' ')}"):
                build_restorer(entry.name, replace(RestorerOptions(), **{name: value}))


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("wienr", RestorerOptions(), 'there is no restorer "wienr": did you mean "wiener"?'),
        ("gan", RestorerOptions(), "choose from smfd, richardson-lucy"),
        ("onnx", RestorerOptions(), "needs a model"),
        (
            "smfd",
            RestorerOptions("box:5"),
            "which is for richardson-lucy, wiener, unsupervised-wiener; it takes fidelity",
        ),
        ("onnx", RestorerOptions(model=Path("net.onnx"), preset="codformer"), 'did you mean "codeformer"?'),
        ("wiener", RestorerOptions("gausian:2"), 'did you mean "gaussian"?'),
        ("wiener", RestorerOptions(balance=-1), "balance"),
        ("richardson-lucy", RestorerOptions(iterations=0), "1 to 1000 iterations"),
    ],
)
def test_wrong_usage_is_said(name: str, options: RestorerOptions, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        build_restorer(name, options)
    assert said in str(caught.value)


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no such network file"):
        build_restorer("onnx", RestorerOptions(model=tmp_path / "no.onnx"))


def test_the_registry_is_light() -> None:
    heavy = {"scipy", "skimage", "onnxruntime", "cv2", "PIL", "torch", "tensorflow"}
    program = f"import sys, clearface.restorers.registry; print(sorted({heavy!r} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
