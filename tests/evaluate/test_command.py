"""`clearface evaluate` as it is typed, in processes as it runs."""

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from clearface.arrays import ByteImage
from clearface.degrade.protocols import degrade_by_protocol
from clearface.detectors.centerface import CenterFace
from clearface.evaluate.result_files import read_results_json
from clearface.evaluate.store import UNFINISHED
from clearface.squares import take_square, template_square

PLAIN = ("--protocol", "shen@64", "--protocol", "sharp@64", "--restorer", "wiener:psf=true", "--restorer", "identity")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clearface", "evaluate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    """Three portraits and a meadow."""
    folder = tmp_path_factory.mktemp("photos")
    for name, top, left in (("a.png", 0, 80), ("b.png", 10, 90), ("d.png", 5, 70)):
        Image.fromarray(astronaut[top : top + 280, left : left + 300]).save(folder / name)
    Image.new("RGB", (200, 200), (10, 120, 30)).save(folder / "c.png")
    return folder


@pytest.fixture(scope="module")
def finished(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("finished") / "report"
    result = run(photos, "-o", output, *PLAIN, "--workers", "2")
    assert result.returncode == 0, result.stderr
    assert "shen@64: 3 faces, PSNR dB, higher is better" in result.stdout
    assert result.stderr == ""
    return output


def test_the_figures_are_those_anyone_would_get(finished: Path, photos: Path) -> None:
    evaluation = read_results_json(finished / "results.json")
    sharp = []
    for name in ("a.png", "b.png", "d.png"):
        pixels = np.asarray(Image.open(photos / name))
        (face,) = CenterFace().detect(pixels)
        sharp.append(take_square(pixels, template_square(face, 64)))
    blurred = degrade_by_protocol(np.stack(sharp), "shen", 7).faces
    expected = [peak_signal_noise_ratio(a, b, data_range=1) for a, b in zip(sharp, blurred, strict=True)]
    rows = {(row.test, row.method, row.face): row for row in evaluation.faces}
    found = [rows["shen@64", "input", name].values["psnr"] for name in ("a.png", "b.png", "d.png")]
    np.testing.assert_allclose(found, expected, rtol=1e-6)  # type: ignore[arg-type]
    assert len(rows) == 2 * 3 * 3
    for name in ("a.png", "b.png", "d.png"):
        assert rows["shen@64", "identity", name].values == pytest.approx(
            rows["shen@64", "input", name].values, nan_ok=True
        )
        told, given = (rows["shen@64", method, name].values["psnr"] for method in ("wiener:psf=true", "input"))
        assert told is not None
        assert given is not None
        assert told > given
    assert set(evaluation.left_out) == {"c.png"}
    assert "no face was found" in evaluation.left_out["c.png"]
    assert [test.faces for test in evaluation.tests] == [3, 3]
    gain = next(
        s for s in evaluation.summaries if (s.test, s.method, s.metric) == ("shen@64", "wiener:psf=true", "psnr")
    )
    assert gain.gain is not None
    assert gain.better == 1
    assert set(evaluation.sources) == {"a.png", "b.png", "c.png", "d.png"}


def test_all_files_are_there_and_say_the_same(finished: Path) -> None:
    assert sorted(path.name for path in finished.iterdir()) == ["report.html", "results.csv", "results.json"]
    evaluation = read_results_json(finished / "results.json")
    with (finished / "results.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [float(line["psnr"]) for line in table] == [row.values["psnr"] for row in evaluation.faces]
    page = (finished / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/") >= 2 * 2 * 3
    costs = {method.name: method.costs for method in evaluation.methods}
    assert [cost.size for cost in costs["wiener:psf=true"]] == [64]
    assert costs["wiener:psf=true"][0].seconds > 0
    assert costs["input"] == ()


def numbers(folder: Path) -> Any:
    results = json.loads((folder / "results.json").read_text())
    return results["faces"], results["summaries"], results["comparisons"]


def test_the_same_seed_gives_the_same_numbers_with_one_process_and_after_an_interruption(
    finished: Path, photos: Path, tmp_path: Path
) -> None:
    output = tmp_path / "again"
    arguments: list[str | Path] = [photos, "-o", output, *PLAIN, "--workers", "1"]
    command = [sys.executable, "-m", "clearface", "evaluate", *map(str, arguments)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    units = output / UNFINISHED / "units"
    deadline = time.monotonic() + 600
    while not (units.is_dir() and list(units.glob("*.json"))) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    if process.returncode == 0:
        pytest.fail("it was done before it could be stopped")
    assert process.returncode == 130
    assert err == "clearface: stopped; the same command goes on from here\n"
    assert out == ""
    assert sorted(path.name for path in output.iterdir()) == [UNFINISHED]
    done = {path.name: path.stat().st_mtime_ns for path in units.glob("*.json")}
    other = run(*arguments, "--seed", "8")
    assert other.returncode == 2
    assert "an evaluation with other settings was begun there (seed)" in other.stderr
    result = run(*arguments)
    assert result.returncode == 0, result.stderr
    assert numbers(output) == numbers(finished)
    assert done


def test_results_are_not_replaced_unasked(finished: Path, photos: Path) -> None:
    before = (finished / "results.json").read_bytes()
    result = run(photos, "-o", finished, *PLAIN)
    assert result.returncode == 2
    assert "--existing overwrite" in result.stderr
    assert (finished / "results.json").read_bytes() == before


def test_a_broken_photo_stops_the_run_which_then_goes_on(photos: Path, tmp_path: Path) -> None:
    folder, output = tmp_path / "photos", tmp_path / "out"
    shutil.copytree(photos, folder)
    (folder / "b.png").write_bytes((photos / "b.png").read_bytes()[:5000])
    (folder / "e.png").write_bytes(b"")
    arguments: list[str | Path] = [
        folder,
        "-o",
        output,
        "--protocol",
        "sharp@64",
        "--restorer",
        "identity",
        "--workers",
        "1",
    ]
    result = run(*arguments)
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert lines[0] == "clearface: 2 of 5 cannot be measured:"
    assert "b.png" in lines[1]
    assert "e.png: the file is empty" in lines[2]
    assert "--skip-broken" in lines[3]
    assert not (output / "results.json").exists()
    looks = (output / UNFINISHED / "looks.jsonl").read_text()
    (folder / "e.png").unlink()
    shutil.copy(photos / "b.png", folder / "b.png")
    result = run(*arguments)
    assert result.returncode == 0, result.stderr
    assert looks.count('"a.png"') == 1
    assert len(read_results_json(output / "results.json").faces) == 3 * 2


def test_a_mistake_does_not_stand_in_the_way_of_the_next_command(photos: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    Image.new("RGB", (100, 100)).save(empty / "black.png")
    output = tmp_path / "out"
    assert run(tmp_path / "nowhere", "-o", output).returncode == 2
    assert not output.exists()
    assert run(empty, "-o", output, "--protocol", "sharp@64", "--restorer", "identity").returncode == 2
    result = run(photos, "-o", output, "--protocol", "sharp@64", "--restorer", "identity", "--faces", "1")
    assert result.returncode == 0, result.stderr


def test_broken_photos_are_left_out_on_demand_and_listed(photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    shutil.copytree(photos, folder)
    (folder / "b.png").write_bytes(b"no photo at all")
    arguments: list[str | Path] = [folder, "-o", tmp_path / "out", "--protocol", "sharp@64", "--restorer", "identity"]
    assert run(*arguments).returncode == 1
    result = run(*arguments, "--skip-broken")
    assert result.returncode == 0, result.stderr
    assert "2 photos left out" in result.stdout
    evaluation = read_results_json(tmp_path / "out" / "results.json")
    assert set(evaluation.left_out) == {"b.png", "c.png"}
    assert evaluation.tests[0].faces == 2


@pytest.mark.parametrize(
    ("network", "complaint"), [({"offset": float("nan")}, "not finite"), ({"crop": True}, "with shape")]
)
def test_a_method_that_answers_with_nonsense_is_named_with_the_face(
    photos: Path, tmp_path: Path, tiny_network: Callable[..., Any], network: dict[str, Any], complaint: str
) -> None:
    path = tiny_network(metadata={"low": 0, "high": 1}, **network).save(tmp_path / "net.onnx")
    method = f"onnx:model={path}"
    result = run(photos, "-o", tmp_path / "out", "--protocol", "sharp@64", "--restorer", method, "--workers", "1")
    assert result.returncode == 1
    assert f"{method} failed on a.png" in result.stderr
    assert complaint in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "out" / "results.json").exists()


def test_results_of_another_program(photos: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for path in photos.iterdir():
        Image.open(path).point(lambda value: value // 2).save((theirs / path.name).with_suffix(".bmp"))
    result = run("--pairs", photos, theirs, "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    evaluation = read_results_json(tmp_path / "out" / "results.json")
    assert {row.method for row in evaluation.faces} == {"theirs/"}
    pixels = [np.asarray(Image.open(folder)) for folder in (photos / "a.png", theirs / "a.bmp")]
    row = next(row for row in evaluation.faces if row.face == "a.png")
    assert row.values["psnr"] == pytest.approx(peak_signal_noise_ratio(*pixels), abs=1e-4)
    assert row.size == (300, 280)


def test_folders_that_do_not_pair_stop_the_run_with_the_list(photos: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    shutil.copytree(photos, theirs)
    (theirs / "a.png").rename(theirs / "z.png")
    result = run("--pairs", photos, theirs, "-o", tmp_path / "out")
    assert result.returncode == 1
    assert result.stderr.splitlines()[0] == "clearface: the folders do not pair:"
    assert "a.png has no twin in" in result.stderr
    assert "z.png has no twin in" in result.stderr
    shutil.move(theirs / "z.png", theirs / "a.png")
    Image.open(theirs / "b.png").resize((100, 100)).save(theirs / "b.png")
    Image.open(theirs / "d.png").convert("L").save(theirs / "d.png")
    result = run("--pairs", photos, theirs, "-o", tmp_path / "out")
    assert result.returncode == 1
    assert "is 300x280 pixels and" in result.stderr
    assert "is colour and" in result.stderr
    assert not (tmp_path / "out" / "results.json").exists()


def test_real_photos_are_measured_before_and_after(photos: Path, tmp_path: Path) -> None:
    result = run("--real", photos, "-o", tmp_path / "out", "--restorer", "wiener", "--faces", "2")
    assert result.returncode == 0, result.stderr
    evaluation = read_results_json(tmp_path / "out" / "results.json")
    assert [test.has_truth for test in evaluation.tests] == [False]
    assert {(row.method, row.face) for row in evaluation.faces} == {
        (method, face) for method in ("input", "wiener") for face in ("a.png", "b.png")
    }
    assert "psnr" not in {metric.key for metric in evaluation.metrics}
    assert all(row.values["niqe"] is not None for row in evaluation.faces)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "name what is to be measured"),
        (["FOLDER", "--real", "FOLDER"], "one of the three"),
        (["nowhere"], "nowhere: there is no such folder"),
        (["FOLDER", "--protocol", "levin"], "name it with --kernels"),
        (["FOLDER", "--protocol", "shen", "--protocol", "shen"], "shen is given twice"),
        (["FOLDER", "--skip", "9"], "leaves nothing of 4 photos"),
        (["FOLDER", "--outputs", "FOLDER"], "--outputs goes with --pairs"),
        (["FOLDER", "--find-faces"], "--find-faces goes with --pairs"),
        (["FOLDER", "--embedder-model", "x.onnx"], "does nothing without --embedder"),
        (["FOLDER", "--existing", "skip"], "--existing skip"),
        (["--real", "FOLDER", "--protocol", "shen"], "--protocol goes with a FOLDER"),
        (["--real", "FOLDER", "--restorer", "wiener:psf=true"], "true kernel is known only"),
        (["--pairs", "FOLDER", "FOLDER", "--size", "64"], "--size goes with --find-faces"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_done(
    photos: Path, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    from typer.testing import CliRunner

    from clearface.cli import app
    from clearface.errors import UsageError

    typed = [str(photos) if word == "FOLDER" else word for word in arguments]
    result = CliRunner().invoke(app, ["evaluate", *typed, "-o", str(tmp_path / "out")])
    assert isinstance(result.exception, UsageError)
    assert complaint in str(result.exception)
    assert not (tmp_path / "out" / "results.json").exists()


def test_an_output_folder_is_asked_for(photos: Path) -> None:
    result = run(photos)
    assert result.returncode == 2
    assert "Missing option '--output'" in result.stderr


def test_a_folder_without_faces_has_nothing_to_measure(meadow: Path, tmp_path: Path) -> None:
    result = run(meadow.parent, "-o", tmp_path / "out", "--protocol", "sharp@64", "--restorer", "identity")
    assert result.returncode == 2
    assert result.stderr == "clearface: there is nothing to measure: no face was found in any photo\n"
