"""The command line as people and scripts use it."""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from clearface.arrays import ByteImage

CLASSICAL = ("--restorer", "richardson-lucy", "--iterations", "5")


Run = Callable[..., Any]
"""Takes arguments as they are typed; answers with `code`, `stdout` and `stderr`."""


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def exif_of(path: Path) -> dict[int, object]:
    with Image.open(path) as image:
        return dict(image.getexif())


def piped(arguments: list[str], data: bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "clearface", *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=False, env=os.environ | environment)


def test_restore_writes_a_sharper_face_and_says_so(run: Run, portrait: Path, tmp_path: Path) -> None:
    output = tmp_path / "sharp.png"
    answer = run("restore", portrait, "-o", output, *CLASSICAL)
    assert answer.code == 0
    assert "1 face restored" in answer.stdout
    before, after = pixels(portrait), pixels(output)
    assert before.shape == after.shape
    assert (before != after).any()
    np.testing.assert_array_equal(before[:4], after[:4])


def test_a_suffix_names_the_result_beside_its_photo(run: Run, portrait: Path) -> None:
    assert run("restore", portrait, "--suffix", "_sharp", *CLASSICAL).code == 0
    assert portrait.with_name("portrait_sharp.jpg").is_file()


def test_the_default_restorer_needs_no_option(run: Run, portrait: Path) -> None:
    assert run("restore", portrait).code == 0
    assert portrait.with_name("portrait_restored.jpg").is_file()


def test_a_photo_without_a_face_is_copied_byte_for_byte(run: Run, meadow: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.png"
    answer = run("restore", meadow, "-o", output)
    assert answer.code == 0
    assert "no face found" in answer.stdout
    assert output.read_bytes() == meadow.read_bytes()


def test_a_photo_without_a_face_is_converted_and_says_so(run: Run, meadow: Path, tmp_path: Path) -> None:
    answer = run("restore", meadow, "-o", tmp_path / "out.tif")
    assert answer.code == 0
    assert "written anew" in answer.stdout
    np.testing.assert_array_equal(pixels(tmp_path / "out.tif"), pixels(meadow))


def test_faces_left_out_are_not_said_to_be_missing(run: Run, portrait: Path) -> None:
    answer = run("restore", portrait, "--min-size", "1000")
    assert answer.code == 0
    assert "no face among those selected (1 found)" in answer.stdout


def test_what_the_kind_cannot_hold_is_told(run: Run, tmp_path: Path, astronaut: ByteImage) -> None:
    image = Image.fromarray(astronaut[:300, 80:380])
    image.putalpha(128)
    image.save(tmp_path / "clear.png")
    answer = run("restore", tmp_path / "clear.png", "-o", tmp_path / "out.jpg", "--json", *CLASSICAL)
    assert "transparency" in json.loads(answer.stdout)["notes"][0]


def test_extras_that_exist_are_skipped_with_the_rest(run: Run, portrait: Path) -> None:
    comparison = portrait.with_name("portrait_restored_comparison.png")
    comparison.write_bytes(b"precious")
    assert run("restore", portrait, "--save-comparison", *CLASSICAL).code == 1
    assert run("restore", portrait, "--save-comparison", "--existing", "skip", *CLASSICAL).code == 0
    assert comparison.read_bytes() == b"precious"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_names_the_terminal_cannot_show_stop_nothing(portrait: Path, encoding: str) -> None:
    strange = portrait.rename(portrait.with_name("naïve 日本\n.jpg"))
    done = piped(["detect", str(strange)], b"", PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    assert b"1 face found" in done.stdout
    assert done.stderr == b""


def test_a_reader_that_leaves_does_not_stop_the_work(portrait: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(portrait.read_bytes())
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "clearface", "restore", str(folder), "-o", str(tmp_path / "out"), *CLASSICAL],
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"standard output: cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 3


@pytest.mark.parametrize("arguments", [["models"], ["detect", "x.jpg"], ["restore", "x.jpg", "-o", "-", *CLASSICAL]])
@pytest.mark.parametrize("redirection", [">&-", "> /dev/full"])
def test_a_closed_or_full_standard_output_is_no_crash(portrait: Path, arguments: list[str], redirection: str) -> None:
    words = [str(portrait) if word == "x.jpg" else word for word in arguments]
    command = shlex.join([sys.executable, "-m", "clearface", *words])
    done = subprocess.run(["sh", "-c", f"{command} {redirection}"], stderr=subprocess.PIPE, check=False)
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1
    if redirection == "> /dev/full":
        assert done.returncode == 1
        assert b"disk is full" in done.stderr


def test_json_lines_tell_everything(run: Run, portrait: Path, meadow: Path, tmp_path: Path) -> None:
    answer = run("restore", portrait, meadow, "-o", tmp_path / "out", "--json", *CLASSICAL)
    assert answer.code == 0
    first, second = (json.loads(line) for line in answer.stdout.splitlines())
    assert first["status"] == "restored"
    assert first["output"] == str(tmp_path / "out" / "portrait.jpg")
    face = first["faces"][0]
    left, top, right, bottom = face["box"]
    assert all(left < x < right and top < y < bottom for x, y in face["landmarks"])
    assert 0.5 < face["score"] <= 1
    assert {"read", "detect", "restore", "paste", "encode", "write"} == set(first["seconds"])
    assert (second["status"], second["faces"]) == ("unchanged", [])


def test_quiet_says_nothing(run: Run, portrait: Path) -> None:
    answer = run("restore", portrait, "--quiet", *CLASSICAL)
    assert (answer.code, answer.stdout, answer.stderr) == (0, "", "")


def test_a_folder_keeps_its_tree_and_one_bad_photo_stops_nothing(run: Run, portrait: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "été 2024").mkdir(parents=True)
    portrait.rename(folder / "été 2024" / "Zoë.JPG")
    (folder / "broken.jpg").write_bytes(b"this is no photo")
    (folder / "empty.png").write_bytes(b"")
    (folder / "notes.txt").write_text("not a photo")
    answer = run("restore", folder, "-o", tmp_path / "out", *CLASSICAL)
    assert answer.code == 1
    assert (tmp_path / "out" / "été 2024" / "Zoë.JPG").is_file()
    assert sorted(path.name for path in (tmp_path / "out").rglob("*") if path.is_file()) == ["Zoë.JPG"]
    told = answer.stderr.splitlines()
    assert told[0] == "clearface: 2 of 3 failed:"
    assert any("broken.jpg" in line for line in told)
    assert any("empty.png" in line and "empty" in line for line in told)
    assert not any("notes.txt" in line for line in told)


def test_existing_results_fail_skip_or_are_overwritten(run: Run, portrait: Path, tmp_path: Path) -> None:
    output = tmp_path / "sharp.jpg"
    output.write_bytes(b"precious")
    answer = run("restore", portrait, "-o", output, *CLASSICAL)
    assert answer.code == 1
    assert "exists already" in answer.stderr
    assert output.read_bytes() == b"precious"
    answer = run("restore", portrait, "-o", output, "--existing", "skip", *CLASSICAL)
    assert answer.code == 0
    assert "skipped" in answer.stdout
    assert output.read_bytes() == b"precious"
    assert run("restore", portrait, "-o", output, "--existing", "overwrite", *CLASSICAL).code == 0
    assert pixels(output).shape == pixels(portrait).shape


def test_the_original_is_never_replaced(run: Run, portrait: Path, tmp_path: Path) -> None:
    original = portrait.read_bytes()
    link = tmp_path / "link.jpg"
    link.symlink_to(portrait)
    for output in (portrait, link):
        answer = run("restore", portrait, "-o", output, "--existing", "overwrite", *CLASSICAL)
        assert answer.code == 1
        assert "original" in answer.stderr
    assert portrait.read_bytes() == original


def test_crops_comparison_and_boxes_on_request(run: Run, portrait: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "sharp.jpg"
    answer = run(
        "restore", portrait, "-o", output, "--save-crops", "--save-comparison", "--save-boxes", "--json", *CLASSICAL
    )
    assert answer.code == 0
    names = {"sharp_face1_before.png", "sharp_face1_after.png", "sharp_comparison.png", "sharp_boxes.png"}
    assert {Path(extra).name for extra in json.loads(answer.stdout)["extras"]} == names
    before, after = (pixels(output.with_name(f"sharp_face1_{when}.png")) for when in ("before", "after"))
    assert before.shape == after.shape
    assert (before != after).any()
    compared = pixels(output.with_name("sharp_comparison.png"))
    np.testing.assert_array_equal(compared[:300, :300], pixels(portrait))
    assert np.abs(compared[:300, 308:608].astype(int) - pixels(output)).mean() < 1
    assert (pixels(output.with_name("sharp_boxes.png")) != pixels(portrait)).any()


def test_standard_input_to_standard_output(portrait: Path) -> None:
    done = piped(["restore", "-", *CLASSICAL], portrait.read_bytes())
    assert done.returncode == 0
    restored = Image.open(io.BytesIO(done.stdout))
    assert restored.format == "JPEG"
    assert restored.size == (300, 300)
    assert b"1 face restored" in done.stderr


@pytest.mark.parametrize("data", [b"", b"text"])
def test_bad_standard_input_is_one_sentence(data: bytes) -> None:
    done = piped(["restore", "-", "-o", "-"], data)
    assert done.returncode == 1
    assert done.stdout == b""
    assert len(done.stderr.splitlines()) == 1
    assert b"standard input" in done.stderr


def test_aligned_crops_keep_their_size(run: Run, tmp_path: Path, astronaut: ByteImage) -> None:
    for name, crop in {"tall": astronaut[40:200, 160:280], "tiny": astronaut[80:140, 190:250]}.items():
        source = tmp_path / f"{name}.png"
        Image.fromarray(crop).save(source)
        output = tmp_path / f"{name}_sharp.png"
        assert run("restore", source, "-o", output, "--aligned").code == 0
        assert pixels(output).shape == crop.shape


def test_an_animation_keeps_frames_and_timing(run: Run, tmp_path: Path, astronaut: ByteImage) -> None:
    frames = [Image.fromarray(astronaut[:260, 80 + 8 * step : 340 + 8 * step]) for step in range(3)]
    source = tmp_path / "moving.webp"
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=[80, 120, 200], loop=2, lossless=True)
    output = tmp_path / "sharp.webp"
    answer = run("restore", source, "-o", output, "--json", *CLASSICAL)
    assert answer.code == 0
    assert [face["frame"] for face in json.loads(answer.stdout)["faces"]] == [1, 2, 3]
    with Image.open(output) as moving:
        durations = []
        for frame in ImageSequence.Iterator(moving):
            frame.load()
            durations.append(frame.info["duration"])
    assert durations == [80, 120, 200]


def test_metadata_is_kept_or_stripped(run: Run, tmp_path: Path, astronaut: ByteImage) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif[0x0112] = 6
    source = tmp_path / "turned.jpg"
    upright = Image.fromarray(astronaut[:300, 80:380])
    upright.transpose(Image.Transpose.ROTATE_90).save(source, exif=exif, quality=95)
    kept, stripped = tmp_path / "kept.jpg", tmp_path / "stripped.jpg"
    assert run("restore", source, "-o", kept, *CLASSICAL).code == 0
    assert run("restore", source, "-o", stripped, "--metadata", "strip", *CLASSICAL).code == 0
    assert exif_of(kept)[0x010F] == "A camera"
    assert exif_of(kept).get(0x0112, 1) == 1
    assert exif_of(stripped) == {}
    difference = np.abs(pixels(kept).astype(int) - np.asarray(upright)).mean()
    assert difference < 12, "the photo stands upright"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["restore", "x.jpg", "--restorer", "richardson-lucie"], 'did you mean "richardson-lucy"'),
        (["restore", "x.jpg", "--detector", "centreface"], 'did you mean "centerface"'),
        (["restore", "x.jpg", "--existing", "overwite"], 'did you mean "overwrite"'),
        (["restore", "x.jpg", "--metadata", "stripe"], 'did you mean "strip"'),
        (["restore", "x.jpg", "--qualty", "90"], "--quality"),
        (["restore", "x.jpg", "--quality", "900"], "100"),
        (["restore", "x.jpg", "--restorer", "richardson-lucy", "--psf", "boxx:5"], "box"),
        (["restore", "x.jpg", "--iterations", "5"], "iterations"),
        (["restor", "x.jpg"], "restore"),
        (["restore"], "INPUT"),
        (["restore", "-", "--json"], "standard output"),
        (["restore", "x.jpg", "--aligned", "--largest"], "--aligned"),
        (["restore", "x.jpg", "--aligned", "--detector", "mtcnn"], "--aligned"),
        (["restore", "x.jpg", "-o", "out.jpg", "--suffix", "_x"], "--suffix"),
        (["restore", "x.jpg", "--quiet", "--json"], "--quiet"),
        (["detect", "x.jpg", "--existing", "skip"], "--existing"),
        (["restore", "x.jpg", "--restorer", "richardson-lucy", "--iterations", "100000"], "1000"),
    ],
)
def test_wrong_usage_is_2_and_a_hint(run: Run, portrait: Path, arguments: list[str], sentence: str) -> None:
    answer = run(*(str(portrait) if word == "x.jpg" else word for word in arguments))
    assert answer.code == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


def test_missing_files_and_empty_folders_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = run("restore", tmp_path / "nobody.jpg", tmp_path / "empty", "-o", tmp_path / "out")
    assert answer.code == 1
    assert "nobody.jpg" in answer.stderr
    assert "no photos" in answer.stderr
    assert not (tmp_path / "out").exists()


def test_a_bomb_is_refused_until_the_limit_is_raised(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "large.png"
    Image.new("1", (1200, 1000)).save(source)
    answer = run("restore", source, "-o", tmp_path / "out.png", "--max-pixels", "1000000")
    assert answer.code == 1
    assert "--max-pixels" in answer.stderr
    assert run("restore", source, "-o", tmp_path / "out.png", "--max-pixels", "1200000").code == 0


def test_a_network_that_answers_nan_loses_nothing(run: Run, portrait: Path, tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    shape: list[str | int | None] = ["batch", 3, "height", "width"]
    graph = helper.make_graph(
        [helper.make_node("Sub", ["face", "face"], ["zero"]), helper.make_node("Div", ["zero", "zero"], ["restored"])],
        "nonsense",
        [helper.make_tensor_value_info("face", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("restored", TensorProto.FLOAT, shape)],
    )
    model = tmp_path / "nonsense.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), model)
    model.with_suffix(".json").write_text('{"name": "nonsense", "size": null, "stride": 16, "low": 0, "high": 1}')
    answer = run("restore", portrait, "-o", tmp_path / "out.jpg", "--restorer", "onnx", "--model", model)
    assert answer.code == 1
    assert "NaN" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert not (tmp_path / "out.jpg").exists()


def test_a_wrong_network_file_is_one_sentence(run: Run, portrait: Path, tmp_path: Path) -> None:
    model = tmp_path / "wrong.onnx"
    model.write_bytes(b"not a network")
    answer = run("restore", portrait, "--restorer", "onnx", "--model", model, "--preset", "gfpgan-1.4")
    assert answer.code == 1
    assert "wrong.onnx" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk to write to")
def test_a_full_disk_is_one_sentence(portrait: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "clearface", "restore", str(portrait), "-o", "-", *CLASSICAL],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"disk is full" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_folder_in_place_of_the_result_is_one_sentence(run: Run, portrait: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "portrait.jpg").mkdir(parents=True)
    answer = run("restore", portrait, "-o", tmp_path / "out", *CLASSICAL)
    assert answer.code == 1
    assert "folder" in answer.stderr


def test_detect_prints_and_draws(run: Run, portrait: Path, meadow: Path, tmp_path: Path) -> None:
    answer = run("detect", portrait, meadow, "--json")
    assert answer.code == 0
    assert [len(json.loads(line)["faces"]) for line in answer.stdout.splitlines()] == [1, 0]
    answer = run("detect", portrait, "-o", tmp_path / "drawn.png")
    assert answer.code == 0
    assert "1 face found" in answer.stdout
    assert "score 0." in answer.stdout
    assert (pixels(tmp_path / "drawn.png") != pixels(portrait)).any()


def test_models_lists_and_verifies(run: Run) -> None:
    answer = run("models", "--verify")
    assert answer.code == 0
    for word in (
        "richardson-lucy",
        "centerface",
        "smfd-reader.onnx",
        "smfd-kernel.onnx",
        "smfd-faithful.onnx",
        "MIT",
        "SHA-256",
        "intact",
    ):
        assert word in answer.stdout
    for line in run("models", "--json").stdout.splitlines():
        assert json.loads(line)


def test_the_demo_restores_its_sample(run: Run, tmp_path: Path) -> None:
    answer = run("demo", "-o", tmp_path / "demo")
    assert answer.code == 0
    assert "face 1" in answer.stdout
    assert "restored at " in answer.stdout
    assert "the result explains 0." in answer.stdout
    extras = [f"astronaut_restored_{what}.png" for what in ("comparison", "face1_kernel", "confidence")]
    for name in ("astronaut_restored.jpg", *extras):
        assert str(tmp_path / "demo" / name) in answer.stdout
        assert (tmp_path / "demo" / name).is_file()


def test_version_and_help(run: Run) -> None:
    from clearface import __version__

    assert run("--version").stdout == f"clearface {__version__}\n"
    answer = run("--help")
    assert answer.code == 0
    for command in ("restore", "detect", "models", "demo", "degrade", "train"):
        assert f"\n  {command} " in answer.stdout


@pytest.mark.parametrize(
    ("room", "commands"), [("degrade", ("count", "apply")), ("train", ("prepare", "smfd", "export"))]
)
def test_rooms_list_their_commands(run: Run, room: str, commands: tuple[str, ...]) -> None:
    answer = run(room, "--help")
    assert answer.code == 0
    for command in commands:
        assert f"\n  {command} " in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["degrade", "apply", "folder", "-o", "out", "--protocol", "shenn"], 'there is no protocol "shenn"'),
        (["degrade", "apply", "folder", "-o", "out", "--protocol", "shen", "--existing", "keep"], "--existing keep"),
        (["train", "smfd", "--stage", "parse", "--print-recipe"], 'did you mean "parser"?'),
        (["train", "smfd", "--output", "run"], "name the folder of a prepared set"),
        (["train", "prepare", "nobody.jpg", "-o", "set"], "nobody.jpg"),
    ],
)
def test_wrong_usage_in_a_room_is_2_and_a_hint(run: Run, arguments: list[str], sentence: str) -> None:
    answer = run(*arguments)
    assert answer.code == 2
    assert sentence in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
