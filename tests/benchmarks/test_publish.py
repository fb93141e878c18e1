"""The published page, rendered from results made up here: every number in its place, and every loss told."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.publishing.document import TEMPLATE, Published, render
from benchmarks.publishing.losses import defeats, harm
from benchmarks.publishing.runs import DEFAULT, FOUND, RECOGNIZED, RUNS, TOLD_THE_KERNEL, VALIDATION, Run, missing_data
from benchmarks.publishing.tables import Lookup, cost_table, network_table, quality_table, table

from clearface.evaluate import results
from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.results import INPUT, Cost, Evaluation, FaceResult, MethodFacts, SetFigure
from clearface.evaluate.specs import parse_method, parse_test
from clearface.evaluate.summaries import compare, summarize
from clearface.restorers.registry import build_restorer

PROJECT = Path(__file__).parents[2]

METRICS = (
    Metric("psnr", "PSNR", "dB", Better.HIGHER, "RGB, nothing cropped", "ISO/IEC 29170-1", 2),
    Metric("ssim", "SSIM", "", Better.HIGHER, "11x11 Gaussian", "Wang et al. 2004"),
    Metric("colour_shift", "Colour shift", "levels", Better.LOWER, "of the mean", "clearface", 2),
    Metric("changed", "Changed", "", Better.NEITHER, "share of pixels", "clearface"),
    Metric("found_centerface", "Found, CenterFace", "", Better.HIGHER, "share of faces", "Xu et al. 2019"),
    Metric("landmark_error_centerface", "Landmark error, CenterFace", "%", Better.LOWER, "five points", "300-W", 2),
    Metric("found_mtcnn", "Found, MTCNN", "", Better.HIGHER, "share of faces", "Zhang et al. 2016"),
    Metric("landmark_error_mtcnn", "Landmark error, MTCNN", "%", Better.LOWER, "five points", "300-W", 2),
    Metric("identity_angle", "Identity", "degrees", Better.LOWER, "dlib", "Deng et al. 2019", 1),
)

Gains = Mapping[str, float]
"""Mean gain in dB by method."""


def made(run: Run, gains: Gains, faces: int = 12) -> Evaluation:
    """Faces of every test and method of a run."""
    generator = np.random.default_rng(0)
    rows = []
    for test in run.protocols:
        size = parse_test(test).size
        base = generator.normal(22, 2, faces)
        for method in (INPUT, *run.restorers):
            gain = gains.get(method, 0.0)
            for place in range(faces):
                values: dict[str, float | None] = {
                    "psnr": base[place] + gain + (0.3 * generator.normal() if gain else 0.0),
                    "ssim": 0.6 + gain / 100,
                    "colour_shift": abs(gain) / 10,
                    "changed": 1.0 if gain else 0.0,
                    "found_centerface": float(test == "sharp" or place % 2 == 0 or gain > 0),
                    "landmark_error_centerface": 5.0 if place % 2 == 0 else None,
                    "found_mtcnn": float(test == "sharp" or place % 3 == 0),
                    "landmark_error_mtcnn": 6.0,
                    "identity_angle": 30.0 - gain,
                }
                rows.append(FaceResult(test, method, f"{place}.png", (size, size), 13.0, values))
    costs = (
        Cost(128, 0.0421, 300 << 20, 1_736_951_616, 4_162_870, 16_743_897),
        Cost(256, 0.2, 1 << 29, None, None, None),
    )
    figure = Metric("recognition_dlib", "Recognized, dlib", "", Better.HIGHER, "rank 1", "Phillips et al. 2000")
    return Evaluation(
        command="clearface evaluate /home/someone/photos",
        version="0.1.0",
        started="2026-11-22T10:11:12+00:00",
        settings={},
        machine={"processor": "Some CPU", "cores": "2", "memory": "8 GiB", "system": "Linux x86_64"},
        packages={"python": "3.11.7", "numpy": "2.4.6"},
        sources={},
        left_out={},
        tests=tuple(results.TestFacts(test, "", faces, True) for test in run.protocols),
        methods=(MethodFacts(INPUT, ""), *(MethodFacts(method, "", {}, costs) for method in run.restorers)),
        metrics=METRICS,
        set_metrics=(figure,) if run.identities else (),
        unavailable={"LPIPS": f"needs weights in {Path.home()}/.cache/torch"}
        | ({} if run.embedder else {"Identity": "needs an embedder"}),
        summaries=summarize(rows, METRICS, 0),
        comparisons=compare(rows, ["psnr"], 0),
        set_figures=tuple(
            SetFigure(test, method, figure.key, 0.9, 0.85, 0.95) for test in run.protocols for method in run.restorers
        )
        if run.identities
        else (),
        faces=tuple(rows),
    )


GAINS = {"smfd": 3.0, "richardson-lucy:psf=box:5": -0.5, "richardson-lucy:psf=true": 1.0, "wiener:psf=true": 5.0}


@pytest.fixture(scope="module")
def published() -> Published:
    speed = table(["what", "measured", "budget"], [["import clearface", "0.02 s", "0.3 s"]])
    return Published({run.name: made(run, GAINS) for run in RUNS}, speed, 1850.0, build_restorer("smfd"))


@pytest.fixture(scope="module")
def page(published: Published) -> str:
    return render(published)


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_every_run_asks_for_what_there_is() -> None:
    for run in RUNS:
        assert all(parse_test(test).name == test for test in run.protocols)
        assert all(parse_method(method).name == method for method in run.restorers)
        assert DEFAULT in run.restorers
        words = run.arguments(Path("/data"))
        assert words[0] == f"/data/{run.faces_of}"
        assert words[words.index("--faces") + 1] == str(run.faces)
        assert ("--kernels" in words) == ("levin" in run.protocols)
        shown = run.shown_command.replace(" \\\n", " ").split()
        assert shown[:3] == ["clearface", "evaluate", run.faces_of.split("/")[1].upper()]
        assert [word for word in shown if word.startswith("-")] == [word for word in words if word.startswith("-")] + [
            "-o"
        ]
        assert "/" not in run.shown_command
        assert max(len(line) for line in run.shown_command.splitlines()) <= 120


def test_data_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "identity" / "orl").mkdir(parents=True)
    missing = missing_data(tmp_path)
    assert "kernels/Levin09.mat" in missing
    assert "identity/orl" not in missing
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.publish", str(tmp_path), "--work", str(tmp_path / "work")],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "there is no faces/all-age-faces/val" in answer.stderr
    assert not (tmp_path / "work").exists()


def test_the_page_tells_where_when_and_how(page: str) -> None:
    assert "on 2026-11-22: clearface 0.1.0, Some CPU, 2 cores, 8 GiB of memory, Linux x86_64" in page
    assert "It took 31 minutes." in page
    for run in RUNS:
        assert f"```sh\n{run.shown_command}\n```" in page
    assert "- PSNR, in dB, higher is better: RGB, nothing cropped (ISO/IEC 29170-1)." in page
    assert "| import clearface | 0.02 s | 0.3 s |" in page


def test_no_place_of_the_data_is_told(page: str) -> None:
    assert "/home/" not in page
    assert str(Path.home()) not in page
    assert "- LPIPS: needs weights in ~/.cache/torch\n" in page
    assert "needs an embedder" not in page  # another run has one
    assert not re.search(r"\d+\.png", page)


def test_what_other_scripts_measured_stays_word_for_word(page: str) -> None:
    """From the first of its sections to the last, with the commands."""
    template = TEMPLATE.read_text(encoding="utf-8")
    by_hand = template[template.index("### A blur that varies") : template.index("## Finding faces")]
    assert "benchmarks/ablations.py" in by_hand
    assert by_hand in page
    assert "`python benchmarks/detection.py --portraits FOLDER --count 200`" in page


def test_tables_are_rectangular(page: str) -> None:
    for block in re.findall(r"(?:^\|.*\n)+", page, re.M):
        assert len({row.count("|") for row in block.splitlines()}) == 1


def test_the_quality_table_has_the_means_of_the_faces() -> None:
    evaluation = made(VALIDATION, GAINS)
    rows = [cells(row) for row in quality_table(Lookup(evaluation)).splitlines()[2:]]
    assert [(row[0], row[2]) for row in rows] == [
        (test, method) for test in VALIDATION.protocols for method in (INPUT, *VALIDATION.restorers)
    ]
    values = {
        (face.test, face.method, face.face): face.values["psnr"]
        for face in evaluation.faces
        if face.values["psnr"] is not None
    }
    for row in rows:
        own = [value for (test, method, _), value in values.items() if (test, method) == (row[0], row[2])]
        assert row[1] == str(parse_test(row[0]).size)
        assert float(row[3]) == pytest.approx(np.mean(own), abs=0.006)
        if row[2] == "smfd":
            assert float(row[4].split()[0]) == pytest.approx(3.0, abs=0.4)
            assert row[7:] == ["100%", "0.30 / 0.30", "0"]
        if row[2] == INPUT:
            assert row[4:] == ["", row[5], "", "", "", ""]


def test_faces_that_were_left_alone_are_counted() -> None:
    rows = [cells(row) for row in quality_table(Lookup(made(VALIDATION, {"smfd": 1.0}))).splitlines()[2:]]
    assert {row[2]: row[9] for row in rows} == {INPUT: "", "smfd": "0", "richardson-lucy:psf=box:5": "12"}


def test_every_loss_is_told_and_nothing_else() -> None:
    found = Lookup(made(VALIDATION, GAINS))
    told = harm(found)
    assert len(told) == len(VALIDATION.protocols)
    for test, sentence in zip(VALIDATION.protocols, told, strict=True):
        assert sentence.startswith(f"`richardson-lucy:psf=box:5` makes faces worse in `{test}`: by -0.")
        assert re.search(r" on average, \d+ of 12 of them\.$", sentence)
    assert not harm(Lookup(made(VALIDATION, {})))


def test_what_cannot_be_told_is_said_to_be_so() -> None:
    (first, *_) = harm(Lookup(made(VALIDATION, {"smfd": 0.001})))
    assert first.startswith("Whether `smfd` helps in `shen` cannot be told from 12 faces: ")


def test_methods_that_do_better_are_told() -> None:
    told = defeats(Lookup(made(TOLD_THE_KERNEL, GAINS)), "smfd")
    assert len(told) == len(TOLD_THE_KERNEL.protocols)
    assert all(sentence.startswith("`wiener:psf=true` is better than `smfd` in `") for sentence in told)
    assert all(re.search(r"`, -\d\.\d\d \(-\d.* to -\d.*\) dB over 12 faces, p ", sentence) for sentence in told)
    reversed_run = replace(TOLD_THE_KERNEL, restorers=tuple(reversed(TOLD_THE_KERNEL.restorers)))
    assert len(defeats(Lookup(made(reversed_run, GAINS)), "smfd")) == len(told)


def test_equal_methods_cannot_be_told_apart() -> None:
    told = defeats(Lookup(made(VALIDATION, {})), "smfd")
    assert len(told) == len(VALIDATION.protocols)
    assert all("cannot be told apart" in sentence for sentence in told)


def test_losses_are_on_the_page(page: str) -> None:
    for run in (VALIDATION, TOLD_THE_KERNEL):
        found = Lookup(made(run, GAINS))
        for sentence in [*harm(found), *defeats(found, "smfd")]:
            assert f"- {sentence}\n" in page


def test_what_restoration_makes_up_for_is_put_beside_the_paper(page: str) -> None:
    assert "| the paper, its own set | its own | 0.87 | 0.32 | 0.61 | 53% |" in page
    assert "| the paper, its synthetic set | its own | 0.87 | 0.63 | 0.76 | 54% |" in page
    assert "| `shen`, smfd | CenterFace | 1.00 | 0.50 | 1.00 | 100% |" in page
    assert "| `shen`, smfd | MTCNN | 1.00 | 0.33 | 0.33 | 0% |" in page
    assert FOUND.detectors == ("centerface", "mtcnn")


def test_recognition_and_identity_are_on_the_page(page: str) -> None:
    assert f"| {RECOGNIZED.protocols[0]} | smfd | 0.900 (0.850 to 0.950) |" in page
    assert "| sharp | smfd | 27.0 |" in page


def test_costs_have_their_units() -> None:
    rows = cost_table([made(VALIDATION, GAINS)] * 2).splitlines()
    assert rows[2] == "| smfd | 128 | 0.042 | 300 MiB | 1.7 | 4.16 M | 16.7 MB |"
    assert cells(rows[3]) == ["smfd", "256", "0.200", "512 MiB", "", "", ""]
    assert len(rows) == 2 + 2 * len(VALIDATION.restorers)


def test_networks_are_counted_with_their_runs() -> None:
    rows = [cells(row) for row in network_table(build_restorer("smfd"), (128, 256)).splitlines()[2:]]
    assert rows[0] == [
        "smfd-reader.onnx",
        "1.78 M",
        "7.1 MB",
        "1 x 0.65 at 128x128",
        "2 x 0.65 at 128x128, 1 x 2.61 at 256x256",
    ]
    assert [row[0] for row in rows] == ["smfd-reader.onnx", "smfd-kernel.onnx", "smfd-faithful.onnx"]
