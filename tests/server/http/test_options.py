"""Options have the names and the words of the command line, and nothing of the host's can be named."""

from dataclasses import fields
from pathlib import Path

import pytest

from clearface.errors import UsageError
from clearface.server.http.errors import ApiError
from clearface.server.http.options import OptionSet, check_psf, given_options, option_sets
from clearface.server.orders import PhotoTask, Task
from clearface.server.settings import OfferedNetwork


@pytest.fixture(scope="module")
def options() -> dict[Task, OptionSet]:
    return option_sets((OfferedNetwork("sharpener", Path("/somewhere/sharp.onnx")),))


def refusal(options: OptionSet, given: dict[str, object], form: bool = False) -> dict[str, list[str]]:
    """What is said of each option."""
    with pytest.raises(ApiError) as caught:
        options.read(given, ("photo", "name"), form)
    assert caught.value.status == 422
    assert caught.value.fields is not None
    return {name: list(sentences) for name, sentences in caught.value.fields.items()}


def test_every_option_of_the_order_can_be_given(options: dict[Task, OptionSet]) -> None:
    given = {name for task in Task for name in options[task].options}
    assert given == {field.name for field in fields(PhotoTask)} - {"task"}


def test_forms_have_text_for_everything(options: dict[Task, OptionSet]) -> None:
    given = {"iterations": "12", "tv": "1e-2", "linear_light": "Yes", "largest": "off", "psf": " box:5 "}
    task = options[Task.RESTORE].read(given, (), form=True)
    assert task == PhotoTask(Task.RESTORE, iterations=12, tv=0.01, linear_light=True, psf=" box:5 ")


def test_json_has_types(options: dict[Task, OptionSet]) -> None:
    task = options[Task.RESTORE].read({"iterations": 12.0, "tv": 0, "check": True}, (), form=False)
    assert task == PhotoTask(Task.RESTORE, iterations=12, tv=0.0, check=True)
    wrong: dict[str, object] = {
        "iterations": "12",
        "tv": "0",
        "check": 1,
        "psf": 5,
        "quality": True,
        "fidelity": None,
        "min_size": [],
    }
    assert refusal(options[Task.RESTORE], wrong) == {
        "iterations": ["iterations is a whole number"],
        "tv": ["tv is a number"],
        "check": ["check is true or false"],
        "psf": ["psf is text"],
        "quality": ["quality is a whole number"],
        "fidelity": ["fidelity is a number"],
        "min_size": ["min_size is a number"],
    }


@pytest.mark.parametrize("text", ["", "nan", "inf", "1_000", "0x10", "1e999", "١٢", "12.5.1", " "])
def test_a_number_is_written_plainly(options: dict[Task, OptionSet], text: str) -> None:
    assert "fidelity" in refusal(options[Task.RESTORE], {"fidelity": text}, form=True)


def test_values_are_refused_in_the_words_of_the_command_line(options: dict[Task, OptionSet]) -> None:
    given: dict[str, object] = {
        "fidelity": 1.5,
        "iterations": 0,
        "tv": 0.3,
        "balance": 0,
        "threshold": 0,
        "min_size": -1,
        "quality": 101,
        "metadata": "kep",
        "restorer": "wienr",
        "detector": "nobody",
        "format": "docx",
        "psf": "bax:5",
    }
    said = {name: sentences[0] for name, sentences in refusal(options[Task.RESTORE], given).items()}
    assert said == {
        "fidelity": "the fidelity lies in 0 to 1, not 1.5",
        "iterations": "Richardson-Lucy takes 1 to 1000 iterations, not 0",
        "tv": "the total variation weighs 0 to 0.25, not 0.3",
        "balance": "the balance of the Wiener filter is positive, not 0.0",
        "threshold": "the threshold of a detector lies above 0 and at most at 1, not at 0.0",
        "min_size": "the minimum size of a face is a number of pixels from 0 up, not -1.0",
        "quality": "a JPEG quality lies between 1 and 100, not at 101",
        "metadata": 'metadata kep: there is no such choice: did you mean "keep"?',
        "restorer": 'there is no restorer "wienr": did you mean "wiener"?',
        "detector": said["detector"],
        "format": said["format"],
        "psf": '"bax:5" names no point spread function: did you mean "box"? (write box:5, gaussian:2, motion:15,30, disc:4)',
    }
    assert said["detector"].startswith('there is no detector "nobody": choose from centerface')


def test_an_unknown_option_is_told_with_what_was_meant(options: dict[Task, OptionSet]) -> None:
    assert refusal(options[Task.RESTORE], {"fidelty": "1", "nmae": "x"}, form=True) == {
        "fidelty": ['there is no option "fidelty": did you mean "fidelity"?'],
        "nmae": ['there is no option "nmae": did you mean "name"?'],
    }


def test_what_is_for_restoring_is_not_for_finding(options: dict[Task, OptionSet]) -> None:
    said = refusal(options[Task.DETECT], {"psf": "box:5"})
    assert said["psf"][0].startswith("detect has no psf, which is for restoring; it takes detector, threshold")


@pytest.mark.parametrize("name", ["model", "preset", "detector_model", "gallery", "embedder_model", "error_table"])
def test_no_file_of_the_host_can_be_named(options: dict[Task, OptionSet], name: str) -> None:
    assert "choose among what it offers" in refusal(options[Task.RESTORE], {name: "/etc/passwd"})[name][0]


def test_the_networks_of_the_host_go_by_their_names(options: dict[Task, OptionSet]) -> None:
    assert options[Task.RESTORE].read({"restorer": "Sharpener"}, (), form=False).restorer == "Sharpener"
    assert "restorer" in refusal(options[Task.RESTORE], {"restorer": "onnx"})
    assert "detector" in refusal(options[Task.RESTORE], {"detector": "yunet"})


@pytest.mark.parametrize("text", ["box:5", "Gaussian:2,1,30", "motion:15,30", "disc:4", "estimated", " Estimated "])
def test_a_point_spread_function_is_written(text: str) -> None:
    check_psf(text)


def test_a_point_spread_function_is_never_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = tmp_path / "kernel.png"
    image.write_bytes(b"no matter what")
    looked = []

    def look(path: Path) -> bool:
        looked.append(path)
        return True

    monkeypatch.setattr(Path, "is_file", look)
    for text in (str(image), "kernel.png", "file:///etc/passwd", "box", "\x00", "x" * 1000):
        with pytest.raises(UsageError):
            check_psf(text)
    assert looked == []


def test_a_job_tells_the_options_that_were_given() -> None:
    task = PhotoTask(Task.RESTORE, restorer="wiener", fidelity=None, largest=True, quality=95)
    assert given_options(task) == {"restorer": "wiener", "largest": True}
