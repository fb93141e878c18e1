import csv
import dataclasses
import json
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.errors import PhotoError, UsageError
from clearface.evaluate import results
from clearface.evaluate.gauges.base import Better, Metric
from clearface.evaluate.result_files import read_results_json, write_results_csv, write_results_json

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
intervals = st.builds(results.Interval, numbers, numbers, numbers, st.integers(0, 10**6))
metrics = st.builds(Metric, names, names, names, st.sampled_from(Better), names, names, st.integers(0, 9))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


def few(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


def faces(value: st.SearchStrategy[float | None]) -> st.SearchStrategy[results.FaceResult]:
    return st.builds(
        results.FaceResult,
        st.sampled_from(["shen", "a,b\n", '"']),
        st.sampled_from([results.INPUT, "smfd"]),
        names,
        st.tuples(st.integers(1, 4096), st.integers(1, 4096)),
        st.none() | numbers,
        st.fixed_dictionaries({"psnr": value}, optional={"ssim": value}),
    )


evaluations = st.builds(
    results.Evaluation,
    *[names] * 3,
    st.dictionaries(names, plain, max_size=3),
    *[st.dictionaries(names, names, max_size=3)] * 4,
    few(st.builds(results.TestFacts, names, names, st.integers(0), st.booleans())),
    few(
        st.builds(
            results.MethodFacts,
            names,
            names,
            st.dictionaries(names, names, max_size=2),
            few(st.builds(results.Cost, *[st.integers(0)] * 1, numbers, *[st.integers(0)] * 4)),
        )
    ),
    few(metrics),
    few(metrics),
    st.dictionaries(names, names, max_size=3),
    few(st.builds(results.Summary, names, names, names, intervals, st.none() | intervals, st.none() | numbers)),
    few(st.builds(results.Comparison, *[names] * 4, intervals, numbers)),
    few(st.builds(results.SetFigure, names, names, names, numbers, *[st.none() | numbers] * 2)),
    few(faces(st.none() | numbers)),
)


def json_of(evaluation: results.Evaluation) -> tuple[results.Evaluation, bytes]:
    """What comes back, and the bytes it was written as."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        write_results_json(evaluation, path)
        return read_results_json(path), path.read_bytes()


@settings(max_examples=25)
@given(evaluations)
def test_everything_comes_back_to_the_last_digit(evaluation: results.Evaluation) -> None:
    back, written = json_of(evaluation)
    assert back == evaluation
    assert [list(face.values) for face in back.faces] == [list(face.values) for face in evaluation.faces]
    assert json_of(back)[1] == written
    json.loads(written, parse_constant=pytest.fail)


EMPTY = results.Evaluation("", "", "", {}, {}, {}, {}, {}, (), (), (), (), {}, (), (), (), ())
PSNR = Metric("psnr", "PSNR", "dB", Better.HIGHER, "RGB", "a paper")
SSIM = Metric("ssim", "SSIM", "", Better.HIGHER, "RGB", "a paper")


def face(name: str = "a.jpg", **values: float | None) -> results.FaceResult:
    return results.FaceResult("shen", "smfd", name, (128, 96), 17.0, values)


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_no_number_is_none_or_nan(odd: float) -> None:
    interval = results.Interval(odd, 1.0, odd, 2)
    evaluation = dataclasses.replace(
        EMPTY,
        settings={"deep": [odd, (1, 2)]},
        faces=(dataclasses.replace(face(psnr=odd), blur=odd),),
        summaries=(results.Summary("shen", "smfd", "psnr", interval, None, odd),),
    )
    back, written = json_of(evaluation)
    json.loads(written, parse_constant=pytest.fail)
    assert back.settings == {"deep": [None, [1, 2]]}
    assert back.faces == (dataclasses.replace(face(psnr=None), blur=None),)
    assert math.isnan(back.summaries[0].value.mean)
    assert back.summaries[0].value.low == 1.0
    assert back.summaries[0].better is None


def test_a_name_that_is_no_utf_8_comes_back() -> None:
    evaluation = dataclasses.replace(EMPTY, faces=(face("caf\udce9.jpg", psnr=1.0),), sources={"caf\udce9.jpg": "ab"})
    assert json_of(evaluation)[0] == evaluation


def test_a_face_takes_a_line_and_no_names_of_metrics(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_results_json(dataclasses.replace(EMPTY, faces=tuple(face(f"{n}.jpg", psnr=n / 3) for n in range(5))), path)
    text = path.read_text(encoding="utf-8")
    assert text.count("psnr") == 1
    assert '\n["1.jpg", 128, 96, 17.0, 0.3333333333333333],\n' in text


@settings(max_examples=25)
@given(st.lists(faces(st.none() | st.floats()), max_size=5))
def test_csv_has_a_row_for_each_face(rows: list[results.FaceResult]) -> None:
    evaluation = dataclasses.replace(EMPTY, metrics=(PSNR, SSIM), faces=tuple(rows))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.csv"
        write_results_csv(evaluation, path)
        written = path.read_bytes()
        with path.open(encoding="utf-8", newline="") as stream:
            head, *read = list(csv.reader(stream, strict=True))
    assert head == ["test", "method", "face", "width", "height", "blur", "psnr", "ssim"]
    assert written.startswith(b"test,method,face,width,height,blur,psnr,ssim\r\n")
    assert written.endswith(b"\r\n")
    assert len(read) == len(rows)
    for row, found in zip(rows, read, strict=True):
        assert found[:5] == [row.test, row.method, row.face, str(row.size[0]), str(row.size[1])]
        for text, value in zip(found[5:], (row.blur, row.values.get("psnr"), row.values.get("ssim")), strict=True):
            assert (float(text) if text else None) == (value if value is not None and math.isfinite(value) else None)


def test_nothing_is_overwritten_without_leave(tmp_path: Path) -> None:
    for write in (write_results_json, write_results_csv):
        path = tmp_path / write.__name__
        write(EMPTY, path)
        before = path.read_bytes()
        with pytest.raises(PhotoError, match="exists already"):
            write(dataclasses.replace(EMPTY, metrics=(PSNR,)), path)
        assert path.read_bytes() == before
        write(dataclasses.replace(EMPTY, metrics=(PSNR,)), path, overwrite=True)
        assert path.read_bytes() != before


def broken(change: dict[str, object]) -> str:
    values = json.loads(json_of(dataclasses.replace(EMPTY, faces=(face(psnr=1.0),)))[1])
    return json.dumps(values | change)


TABLE = {"test": "a", "method": "b", "columns": ["face", "width", "height", "blur", "psnr"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "damaged, or no JSON at all"),
        ("[" * 100_000, "damaged, or no JSON at all"),
        ('{"format": 1, "faces": NaN}', "NaN is no number of JSON"),
        ("\udcff", "damaged, or no JSON at all"),
        ("[]", "no results of `clearface evaluate`"),
        ('{"name": "package"}', "no results of `clearface evaluate`"),
        (broken({"format": 2}), "have format 2, and this clearface reads 1"),
        (broken({"faces": 3}), '"faces" are no list of tables'),
        (broken({"faces": [{"test": "a"}]}), "without its test, method, columns and rows"),
        (broken({"faces": [TABLE | {"rows": [["a", 1, 2, None]]}]}), "another length"),
        (broken({"faces": [TABLE | {"rows": [["a", 1, 2.5, None, 1]]}]}), "does not begin with a name and a size"),
        (broken({"faces": [TABLE | {"rows": [["a", 1, 2, None, "x"]]}]}), "a value that is no number"),
        (broken({"faces": [TABLE | {"rows": [["a", 1, 2, None, 10**400]]}]}), "damaged results"),
        (broken({"faces": [TABLE | {"columns": ["face"], "rows": []}]}), "do not begin with face, width"),
        (broken({"summaries": [{}]}), '"summaries[0]" lacks "test"'),
        (broken({"version": 1}), '"version" cannot be 1'),
        (broken({"surprise": 1}), '"surprise" is no part of the results'),
    ],
)
def test_a_broken_or_foreign_file_is_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError) as error:
        read_results_json(path)
    sentence = str(error.value)
    assert sentence.startswith(f"{path}: ")
    assert said in sentence
    assert len(sentence.splitlines()) == 1


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: there is no such file or folder"):
        read_results_json(tmp_path / "results.json")
