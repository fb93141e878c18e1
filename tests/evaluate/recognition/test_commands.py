"""`clearface evaluate recognition` and `verification` as they are typed."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from clearface.detectors.centerface import CenterFace
from clearface.embedders.lbp import LbpEmbedder
from clearface.evaluate.looking import read_pixels
from clearface.recognition.identify_squares import recognition_square
from clearface.squares import take_square

Run = Callable[..., Any]


def test_recognition_from_photos_to_tables(people: Path, tmp_path: Path, run: Run) -> None:
    output = tmp_path / "out"
    asked = ("--methods", "pca,lbp", "--training-photos", "1,2", "--splits", "3", "--protocol", "shen")
    command = ("evaluate", "recognition", people, "-o", output, *asked, "--restorer", "identity", "--workers", "1")
    answer = run(*command)
    assert answer.code == 0, answer.stderr
    assert sorted(path.name for path in output.iterdir()) == [
        "plots",
        "recognition.csv",
        "recognition.json",
        "recognition.md",
    ]
    told = json.loads((output / "recognition.json").read_text())
    (facts,) = told["collections"]
    assert (facts["people"], facts["photos"], facts["without_face"]) == (3, 12, ["ada/meadow.png"])
    with (output / "recognition.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 2 * 3 * 3
    assert {row["asked"] for row in rows if row["training_photos"] == "2"} == {"6"}
    by_test = {test: [row["recognized"] for row in rows if row["test"] == test] for test in ("shen", "shen > identity")}
    assert by_test["shen"] == by_test["shen > identity"]  # a restorer that does nothing changes nothing
    sharp = [int(row["recognized"]) / int(row["asked"]) for row in rows if row["test"] == "sharp"]
    assert np.mean(sharp) > 0.6
    for picture in (output / "plots").iterdir():
        ET.parse(picture)  # noqa: S314 - written by the package itself
    again = run(*command)
    assert again.code == 2
    assert "there is recognition.json already: choose another folder, or --existing overwrite" in again.stderr
    before = (output / "recognition.csv").read_bytes()
    assert run(*command, "--existing", "overwrite", "--quiet").code == 0
    assert (output / "recognition.csv").read_bytes() == before


def test_verification_of_pairs_against_distances_worked_out_here(people: Path, tmp_path: Path, run: Run) -> None:
    names = [f"{person}/{number}.png" for person in ("ada", "grace", "hedy") for number in (0, 1)]
    lines = [
        f"{first},{second},{'yes' if first[:3] == second[:3] else 'no'}"
        for place, first in enumerate(names)
        for second in names[place + 1 :]
    ]
    listed = people / "pairs.csv"
    listed.write_text("\n".join(["first,second,same", *lines]))
    output = tmp_path / "out"
    answer = run(
        *("evaluate", "verification", "--pairs", listed, "-o", output, "--embedder", "lbp", "--condition", "sharp"),
        *("--workers", "1"),
    )
    listed.unlink()
    assert answer.code == 0, answer.stderr
    told = json.loads((output / "verification.json").read_text())
    vectors = {}
    for name in names:
        pixels = read_pixels(people / name, 10**7)
        face = max(CenterFace().detect(pixels), key=lambda face: face.box.size)
        vectors[name] = LbpEmbedder().embed(take_square(pixels, recognition_square(face))[None])[0].astype(np.float64)
    genuine, impostors = list[float](), list[float]()
    for line in lines:
        first, second, same = line.split(",")
        (genuine if same == "yes" else impostors).append(1 - vectors[first] @ vectors[second])
    before = told["verified"][0]
    assert (before["genuine"], before["impostors"], told["people"]) == (3, 12, None)
    at_most = sorted(impostors)[1]  # a tenth of twelve is one: the second nearest is one too many
    expected = np.mean(np.array(genuine) < at_most)
    rates = {rate["false_match_rate"]: rate["true_match_rate"] for rate in before["match_rates"]}
    assert rates == {0.1: None, 0.01: None, 0.001: None, 0.0001: None, 0.00001: None}  # 12 pairs tell none of them
    at = max(point[2] for point in before["curve"] if point[1] <= 0.1)
    assert at == pytest.approx(expected)
    ET.parse(output / "roc.svg")  # noqa: S314 - written by the package itself
    assert "bootstrap over pairs, since nobody told the people" in (output / "verification.md").read_text()


def test_verification_of_people_with_a_table_of_errors(people: Path, tmp_path: Path, run: Run) -> None:
    strangers = tmp_path / "strangers"
    strangers.mkdir()
    for number, person in enumerate(("ada", "hedy")):
        Image.open(people / person / "0.png").convert("L").save(strangers / f"{number}.png")
    table = tmp_path / "lbp.errors.json"
    command = (
        *("evaluate", "verification", people, "--strangers", strangers, "-o", tmp_path / "out", "--embedder", "lbp"),
        *("--condition", "sharp", "--workers", "1", "--save-table", table),
    )
    answer = run(*command)
    # 12 photos of 3 people are too few for a table, which is said once everything is measured
    assert answer.code == 2
    assert "too few photos to measure errors on" in answer.stderr
    assert not table.exists()
    assert not (tmp_path / "out" / "verification.json").exists()
    answer = run(*command[:-2])
    assert answer.code == 0, answer.stderr
    told = json.loads((tmp_path / "out" / "verification.json").read_text())
    assert (told["photos"], told["people"], len(told["without_face"])) == (14, 5, 1)
    assert told["verified"][0]["genuine"] == 3 * 6
    assert told["verified"][0]["impostors"] == 14 * 13 // 2 - 18


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("recognition", "nowhere", "-o", "out"), "nowhere: there is no such folder of people"),
        (("recognition", "{empty}", "-o", "out"), "no photos of people are found here"),
        (("recognition", "{one}", "-o", "out"), "recognition takes two people or more, and only ada is found"),
        (("recognition", "{people}", "-o", "out", "--methods", "pca,eigen"), 'there is no recognition method "eigen"'),
        (("recognition", "{people}", "-o", "out", "--methods", "pca,,lda"), "names with commas between them"),
        (("recognition", "{people}", "-o", "out", "--methods", "pca,PCA"), "--methods pca is given twice"),
        (("recognition", "{people}", "-o", "out", "--training-photos", "2,x"), "whole numbers above 0"),
        (
            ("recognition", "{people}", "-o", "out", "--methods", "pca", "--training-photos", "4"),
            "nobody has more than 4",
        ),
        (("recognition", "{people}", "-o", "out", "--framing", "tight"), "--framing tight: there is no such choice"),
        (("recognition", "{people}", "-o", "out", "--protocol", "levin"), "its kernels come from a file"),
        (("recognition", "{people}", "-o", "out", "--protocol", "sharp"), "recognized as they are in any case"),
        (
            ("recognition", "{people}", "-o", "out", "--methods", "onnx"),
            "--embedder-model and the method onnx go together",
        ),
        (("recognition", "{people}", "-o", "out", "--restorer", "nobody"), 'there is no restorer "nobody"'),
        (("recognition", "{people}", "-o", "out", "--size", "5"), "faces are measured at 32 to 1024 pixels"),
        (("recognition", "{people}", "-o", "{file}"), "this is a file, and results need a folder"),
        (("verification", "-o", "out"), "FOLDER of people, or --pairs FILE.csv, one of the two"),
        (("verification", "{people}", "-o", "out", "--condition", "shen@x"), "a size in pixels follows @"),
        (("verification", "{people}", "-o", "out", "--condition", "shen", "--condition", "SHEN"), "given twice"),
        (("verification", "{people}", "-o", "out", "--embedder", "dlip"), 'there is no embedder "dlip"'),
        (("verification", "--pairs", "{file}", "-o", "out"), "the columns first, second and same are expected"),
        (("verification", "--pairs", "{file}", "--strangers", "x", "-o", "out"), "--strangers goes with a FOLDER"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    arguments: tuple[str, ...], sentence: str, people: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "ada").symlink_to(people / "ada")
    (tmp_path / "file.txt").write_text("nothing of the kind\n")
    places = {"empty": "empty", "one": "one", "people": str(people), "file": "file.txt"}
    answer = run("evaluate", *(argument.format(**places) for argument in arguments), "--workers", "1")
    assert answer.code == 2
    assert sentence in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not list(tmp_path.glob("out/*.json"))


def test_a_broken_photo_is_named(people: Path, tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "people"
    for person in ("s1", "s2"):
        (folder / person).mkdir(parents=True)
        for number in (1, 2):
            (folder / person / f"{number}.pgm").write_bytes(b"P5 92 112 255\n" + bytes(500))
    answer = run("evaluate", "recognition", folder, "-o", tmp_path / "out", "--methods", "pca", "--workers", "1")
    assert answer.code == 1
    assert ".pgm: the file is cut short" in answer.stderr


def test_a_folder_of_that_name_is_one_for_the_older_command(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recognition").mkdir()
    answer = run("evaluate", "./recognition", "-o", "out", "--restorer", "identity", "--protocol", "sharp")
    assert answer.code == 2
    assert "recognition" in answer.stderr
    assert "people" not in answer.stderr
    assert run("evaluate", "-o", "out").code == 2
    for command in ((), ("recognition",), ("verification",)):
        told = run("evaluate", *command, "--help")
        assert told.code == 0
        assert "--output" in told.stdout
