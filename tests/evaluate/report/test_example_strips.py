import pytest

from clearface.evaluate import results
from clearface.evaluate.report.example_strips import StripSet, example_strips
from clearface.evaluate.report.findings import gather


def letters(strips: StripSet) -> int:
    return sum(len(picture.uri) for strip in strips.strips for picture in strip.pictures)


@pytest.fixture
def three(examples: list[results.Example]) -> list[results.Example]:
    return [example for example in examples if (example.test, example.method) == ("shen", "smfd")]


def test_a_strip_shows_what_there_is(evaluation: results.Evaluation, examples: list[results.Example]) -> None:
    real = next(example for example in examples if example.sharp is None)
    result_only = results.Example("shen", "smfd", "best", real.face, None, real.after, None)
    strips = example_strips(gather(evaluation), [real, result_only]).strips
    assert [[picture.role for picture in strip.pictures] for strip in strips] == [["input", "result"], ["result"]]


def test_the_best_comes_first_with_its_gain(evaluation: results.Evaluation, three: list[results.Example]) -> None:
    strips = example_strips(gather(evaluation), three[::-1]).of("shen", "smfd")
    assert [strip.rank for strip in strips] == ["best", "median", "worst"]
    assert [picture.role for picture in strips[0].pictures] == ["input", "result", "truth", "error"]
    rows = {
        row.method: row.values["psnr"] for row in evaluation.faces if (row.test, row.face) == ("shen", strips[1].face)
    }
    before, after = rows[results.INPUT], rows["smfd"]
    assert before is not None
    assert after is not None
    assert strips[1].figure == f"PSNR +{after - before:.2f} dB, from {before:.2f} to {after:.2f}"


def test_pictures_fit_into_the_room_there_is(evaluation: results.Evaluation, three: list[results.Example]) -> None:
    findings = gather(evaluation)
    free = example_strips(findings, three)
    assert (free.lossless, free.left_out, len(free.strips)) == (True, 0, 3)
    tight = example_strips(findings, three, letters(free) - 1)
    assert (tight.lossless, tight.left_out, len(tight.strips)) == (False, 0, 3)
    fewer = example_strips(findings, three, letters(tight) - 1)
    assert (fewer.lossless, fewer.left_out, len(fewer.strips)) == (False, 1, 2)
    assert letters(fewer) < letters(tight)
