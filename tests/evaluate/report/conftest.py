"""An evaluation as a page meets it: several tests, methods and metrics, gaps, hostile names, a test without truth, one face."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

import numpy as np
import pytest

from clearface.arrays import FloatArray
from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.results import (
    INPUT,
    Comparison,
    Cost,
    Evaluation,
    Example,
    FaceResult,
    Interval,
    MethodFacts,
    SetFigure,
    Summary,
    TestFacts,
)

HOSTILE = "<b>\"&'</b><script>x=1</script>"
"""A name that breaks a page which does not escape it."""

LONG = "a-folder/that-is-deep/" + "a_very_long_file_name_" * 8 + ".jpg"

METRICS = (
    Metric("psnr", "PSNR", "dB", Better.HIGHER, "RGB, nothing cropped, data range 1", "Huynh-Thu and Ghanbari 2008", 2),
    Metric("ssim", "SSIM", "", Better.HIGHER, "11x11 Gaussian of 1.5 pixels, mean of channels", "Wang et al. 2004"),
    Metric("lpips_alex", "LPIPS (alex)", "", Better.LOWER, "AlexNet, version 0.1", "Zhang et al. 2018"),
    Metric("niqe", "NIQE", "", Better.LOWER, "pristine model of clearface", "Mittal et al. 2013", 2),
    Metric("sharpness", "Sharpness", "", Better.NEITHER, "variance of the Laplacian", "Pech-Pacheco et al. 2000", 4),
    Metric(
        "found_centerface", "Found, CenterFace", "", Better.HIGHER, "CenterFace, threshold 0.3", "Xu et al. 2019", 2
    ),
    Metric("identity_angle", "Identity angle", "degrees", Better.LOWER, "ResNet of dlib", "King 2009", 1),
    Metric("outside_change", "Outside change", "levels", Better.LOWER, "mean over pixels outside the mask", HOSTILE, 2),
)
DELTAS = {"psnr": 1.0, "ssim": 0.045, "lpips_alex": -0.05, "niqe": -0.4, "identity_angle": -3.0, "outside_change": 0.01}
"""What one step of goodness is worth in each metric; one that is not here stays as it is."""

LEVELS = {
    "psnr": 22.0,
    "ssim": 0.58,
    "lpips_alex": 0.41,
    "niqe": 7.4,
    "sharpness": 0.0012,
    "found_centerface": 0.8,
    "identity_angle": 38.0,
    "outside_change": 0.02,
}
METHODS = ("smfd", "smfd:fidelity=0.3", "richardson-lucy:psf=true,iterations=50", "wiener", HOSTILE)
GOODNESS = {
    "shen": (3.1, 2.4, 2.9, -0.5, -2.0),
    "levin+tight": (1.9, 1.9, 4.2, 0.3, -2.0),
    "mixed@256": (2.5, 2.0, 0.0, -0.7, -2.0),
    "sharp": (-0.2, -1.5, -9.0, -12.0, -2.0),
}
NETWORK = (1_240_000_000, 3_400_000, 13_600_000)
"""Multiply-accumulates, parameters and bytes."""

REAL = "real " + HOSTILE


def interval(values: Sequence[float]) -> Interval:
    """Mean and 1.96 standard errors."""
    mean = fmean(values)
    half = 1.96 * stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Interval(mean, mean - half, mean + half, len(values))


def summarized(rows: Sequence[FaceResult]) -> tuple[Summary, ...]:
    """The means of rows, and what is gained to the input."""
    values = {(row.test, row.method, row.face, key): value for row in rows for key, value in row.values.items()}
    places = dict.fromkeys((row.test, row.method) for row in rows)
    summaries = []
    for test, method in places:
        faces = [row.face for row in rows if (row.test, row.method) == (test, method)]
        for metric in METRICS:
            own = [value for face in faces if (value := values.get((test, method, face, metric.key))) is not None]
            gains = []
            for face in faces:
                after, before = (
                    values.get((test, method, face, metric.key)),
                    values.get((test, INPUT, face, metric.key)),
                )
                if after is not None and before is not None and method != INPUT:
                    gains.append(after - before)
            if own:
                sign = {Better.HIGHER: 1, Better.LOWER: -1, Better.NEITHER: 0}[metric.better]
                better = fmean(sign * gain > 0 for gain in gains) if gains and sign else None
                gain = interval(gains) if gains else None
                summaries.append(Summary(test, method, metric.key, interval(own), gain, better))
    return tuple(summaries)


def compared(rows: Sequence[FaceResult]) -> tuple[Comparison, ...]:
    """Every pair of methods in PSNR and NIQE."""
    values = {(row.test, row.method, row.face): row.values for row in rows}
    methods = [method for method in dict.fromkeys(row.method for row in rows) if method != INPUT]
    comparisons = []
    for test in dict.fromkeys(row.test for row in rows):
        faces = dict.fromkeys(row.face for row in rows if row.test == test)
        for key in ("psnr", "niqe"):
            for number, first in enumerate(methods):
                for second in methods[number + 1 :]:
                    pairs = [
                        (values[test, first, face][key], values[test, second, face][key])
                        for face in faces
                        if (test, first, face) in values and (test, second, face) in values
                    ]
                    differences = [a - b for a, b in pairs if a is not None and b is not None]
                    if differences:
                        found = interval(differences)
                        sure = found.low > 0 or found.high < 0
                        comparisons.append(Comparison(test, key, first, second, found, 0.0004 if sure else 0.42))
    return tuple(comparisons)


def rows_of(test: str, goodness: Sequence[float], faces: int, seed: int) -> list[FaceResult]:
    """Faces of one test: worse where the blur is larger, with noise by face and by method."""
    generator = np.random.default_rng(seed)
    size = 256 if "@256" in test else 128
    rows = []
    names = [f"people/{number:05d}.jpg" for number in range(faces)]
    names[0] = LONG
    if faces > 1:
        names[1] = HOSTILE + ".png face 2"
    for number, name in enumerate(names):
        blur = float(generator.integers(13, 28)) if test not in ("sharp", REAL) else None
        start = generator.normal(0, 1.2) - (0 if blur is None else (blur - 13) * 0.2)
        for method, good in zip((INPUT, *METHODS), (0.0, *goodness), strict=True):
            step = good + (
                0 if method == INPUT else generator.normal(0, 0.8) - (0 if blur is None else (blur - 20) * 0.08)
            )
            values: dict[str, float | None] = {}
            for metric in METRICS:
                if metric.key == "outside_change" and method == INPUT:
                    values[metric.key] = None
                elif metric.key == "found_centerface":
                    values[metric.key] = float(generator.random() < 0.6 + 0.1 * good)
                else:
                    gained = DELTAS.get(metric.key, 0.0) * step
                    values[metric.key] = LEVELS[metric.key] * (1 + 0.01 * start) + gained
            if test == REAL:
                values |= dict.fromkeys(("psnr", "ssim", "lpips_alex", "identity_angle"))
            if number == 3:
                values["identity_angle"] = None
            rows.append(FaceResult(test, method, name, (size, size), blur, values))
    return rows


@pytest.fixture(scope="session")
def evaluation() -> Evaluation:
    """Four tests with truth, one without, and one of a single face."""
    rows = [row for seed, (test, goodness) in enumerate(GOODNESS.items()) for row in rows_of(test, goodness, 60, seed)]
    rows += rows_of(REAL, (1.0, 2.0, -1.0, 0.1, -3.0), 24, 8)
    rows += rows_of("box5", (6.0, 5.0, 4.8, 1.0, -1.0), 1, 9)
    seconds = (0.083, 0.084, 1.7, 0.006, 0.0004)
    facts = [
        MethodFacts(
            method,
            f"what {method} is, in a few words",
            {"network.onnx": "0f" * 32} if "smfd" in method else {},
            tuple(
                Cost(
                    size,
                    time * size / 128,
                    310_000_000,
                    *(NETWORK if number < 2 else (None, None, None)),
                )
                for size in (128, 256)
            ),
        )
        for number, (method, time) in enumerate(zip(METHODS, seconds, strict=True))
    ]
    counts = {
        test: len({row.face for row in rows if row.test == test}) for test in dict.fromkeys(row.test for row in rows)
    }
    return Evaluation(
        command=f"clearface evaluate faces/ --protocol shen --restorer '{HOSTILE}' -o report/",
        version="0.1.0",
        started="2026-11-21T12:00:00+00:00",
        settings={
            "seed": 7,
            "protocols": ["shen", "sharp"],
            "restorers": [{"name": HOSTILE, "options": {"taps": None}}],
        },
        machine={"processor": "AMD EPYC", "cores": "2", "memory": "24 GiB", "system": "Linux 6.1"},
        packages={"Python": "3.11.2", "NumPy": "2.4.6", "ONNX Runtime": "1.31.0"},
        sources={row.face: "ab" * 32 for row in rows if row.method == INPUT},
        left_out={"broken/" + HOSTILE + ".jpg": "not a photo, or damaged", LONG: "no face was found in it"},
        tests=tuple(
            TestFacts(test, f"what was done to the faces in {test}", count, test != REAL)
            for test, count in counts.items()
        ),
        methods=(MethodFacts(INPUT, "the faces as they were"), *facts),
        metrics=METRICS,
        set_metrics=(
            Metric("fid", "FID", "", Better.LOWER, "against the sharp faces of the test", "Heusel et al. 2017", 1),
        ),
        unavailable={
            "LPIPS (vgg)": "its weights are not here: name the file with --lpips-vgg",
            HOSTILE: "needs " + HOSTILE,
        },
        summaries=summarized(rows),
        comparisons=compared(rows),
        set_figures=tuple(
            SetFigure("shen", method, "fid", 60.0 - 5 * number, 58.0 - 5 * number, 62.0 - 5 * number)
            for number, method in enumerate((INPUT, *METHODS))
        ),
        faces=tuple(rows),
    )


@pytest.fixture(scope="session")
def portrait() -> FloatArray:
    """A sharp face: RGB float32 `(128, 128, 3)` in [0, 1]."""
    import cv2
    from skimage import data

    face = data.astronaut()[20:220, 120:320]
    return np.asarray(cv2.resize(face, (128, 128), interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)


@pytest.fixture(scope="session")
def examples(portrait: FloatArray, evaluation: Evaluation) -> list[Example]:
    """Three faces for each test and method: blurred portraits, sharpened well or badly."""
    import cv2

    made = []
    for number, test in enumerate(evaluation.tests):
        sharp = cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_CUBIC) if "@256" in test.name else portrait
        sharp = np.clip(np.asarray(sharp, np.float32), 0, 1)
        for place, method in enumerate(METHODS):
            for rank, sigma in (("best", 1.0), ("median", 2.0), ("worst", 3.0 + 0.2 * number)):
                before = np.asarray(cv2.GaussianBlur(sharp, (0, 0), sigma * len(sharp) / 128), np.float32)
                halo = before - np.asarray(cv2.GaussianBlur(before, (0, 0), 2.0), np.float32)
                after = np.clip(before + (2.5 - 0.6 * place) * halo, 0, 1).astype(np.float32)
                rows = [row.face for row in evaluation.faces if (row.test, row.method) == (test.name, method)]
                face = rows[{"best": 0, "median": len(rows) // 2, "worst": -1}[rank]]
                made.append(Example(test.name, method, rank, face, before, after, sharp if test.has_truth else None))
    return made
