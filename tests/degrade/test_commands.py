"""`clearface degrade` as it is typed."""

import json
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from clearface.arrays import ByteImage
from clearface.cli_degrade import degrade_app
from clearface.degrade.pairs import LIST_NAME
from clearface.degrade.protocols import degrade_by_seeds
from clearface.errors import UsageError


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(degrade_app, [str(argument) for argument in arguments])


def read(path: Path) -> ByteImage:
    return np.asarray(Image.open(path))


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / LIST_NAME).read_text().splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def photos(tmp_path: Path, astronaut: ByteImage) -> Path:
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    Image.fromarray(astronaut[:180, 100:300]).save(folder / "a.png")
    Image.fromarray(astronaut[:120, 140:260]).save(folder / "more" / "b.jpg", quality=92)
    return folder


def test_count_names_its_factors() -> None:
    result = run("count")
    assert result.exit_code == 0
    total = int(result.stdout.split()[0].replace(",", ""))
    assert total >= 1_740_000_000_000
    counted = json.loads(run("count", "--json").stdout)
    assert counted["total"] == total
    for name, number in (counted["steps"] | counted["blurs"]).items():
        assert f"{name} " in result.stdout
        assert f" {number:,}\n" in result.stdout


def test_apply_makes_pairs_and_says_what_was_done(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("apply", photos, "-o", out, "--protocol", "shen", "--seed", "3")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"2 pairs made in {out}\n"
    for name in ("a", "more/b"):
        assert (out / "kernels" / f"{name}.png").exists()
        assert read(out / "sharp" / f"{name}.png").shape == read(out / "blurred" / f"{name}.png").shape
    np.testing.assert_array_equal(read(out / "sharp" / "a.png"), read(photos / "a.png"))
    assert np.abs(read(out / "blurred" / "a.png") - read(photos / "a.png").astype(float)).mean() > 3
    first = records(out)[0]
    assert (first["name"], first["photo"], first["width"], first["height"]) == ("a", "a.png", 200, 180)
    assert [step["step"] for step in first["steps"]] == ["blur", "noise"]
    assert (first["settings"]["protocol"], first["settings"]["seed"]) == ("shen", 3)


def test_the_kernel_saved_is_the_one_used(photos: Path, tmp_path: Path) -> None:
    run("apply", photos, "-o", tmp_path / "out", "--protocol", "box5")
    kernel = read(tmp_path / "out" / "kernels" / "a.png").astype(float)
    assert kernel.max() == 65535
    assert (kernel > 0).sum() == 25


def test_the_seed_and_the_name_decide_alone(photos: Path, tmp_path: Path) -> None:
    for out in ("one", "two"):
        assert run("apply", photos, "-o", tmp_path / out, "--protocol", "mixed", "--seed", "5").exit_code == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    (photos / "a.png").unlink()
    run("apply", photos, "-o", tmp_path / "three", "--protocol", "mixed", "--seed", "5")
    run("apply", photos, "-o", tmp_path / "four", "--protocol", "mixed", "--seed", "6")
    alone, other = contents(tmp_path / "three"), contents(tmp_path / "four")
    assert alone["blurred/more/b.png"] == contents(tmp_path / "one")["blurred/more/b.png"]
    assert alone["blurred/more/b.png"] != other["blurred/more/b.png"]


def test_a_set_is_not_overwritten_but_gone_on_with(photos: Path, tmp_path: Path) -> None:
    arguments = ("apply", photos, "-o", tmp_path / "out", "--protocol", "mild")
    held = photos / "more"
    held.rename(tmp_path / "held")
    run(*arguments)
    (tmp_path / "held").rename(held)
    before = contents(tmp_path / "out")
    refused = run(*arguments)
    assert isinstance(refused.exception, UsageError)
    assert "--existing skip" in str(refused.exception)
    assert contents(tmp_path / "out") == before
    on = run(*arguments, "--existing", "skip")
    assert on.stdout == f"1 pair made in {tmp_path / 'out'}, 1 photo done already\n"
    whole = contents(tmp_path / "out")
    assert run(*arguments, "--existing", "overwrite").exit_code == 0
    assert contents(tmp_path / "out") == whole
    other = run(*arguments, "--seed", "1", "--existing", "skip")
    assert isinstance(other.exception, UsageError)
    assert "other settings" in str(other.exception)
    assert contents(tmp_path / "out") == whole


def test_half_a_line_is_done_again(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("apply", photos, "-o", out, "--protocol", "box5")
    run(*arguments)
    whole = contents(out)
    for kind in ("sharp", "blurred", "kernels"):
        (out / kind / "more" / "b.png").unlink()
    (out / LIST_NAME).write_bytes(whole[LIST_NAME][:-30])
    assert run(*arguments, "--existing", "skip").exit_code == 0
    assert contents(out) == whole


def test_a_foreign_file_is_left_and_the_others_are_done(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "kernels").mkdir(parents=True)
    (out / "kernels" / "a.png").write_bytes(b"mine")
    result = run("apply", photos, "-o", out, "--protocol", "box5")
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert (out / "kernels" / "a.png").read_bytes() == b"mine"
    assert not (out / "sharp" / "a.png").exists()
    assert not (out / "blurred" / "a.png").exists()
    assert [record["name"] for record in records(out)] == ["more/b"]


def test_one_bad_photo_does_not_stop_the_others(photos: Path, tmp_path: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"\xff\xd8\xff no photo")
    shutil.copy(photos / "more" / "b.jpg", photos / "a.jpg")
    result = run("apply", photos, "-o", tmp_path / "out", "--protocol", "box5")
    assert result.exit_code == 1
    assert "bad.jpg" in result.stderr
    assert "called as that of" in result.stderr
    assert len(records(tmp_path / "out")) == 2
    assert "2 photos failed" in result.stdout


def test_originals_are_never_replaced(photos: Path, astronaut: ByteImage) -> None:
    (photos / "sharp").mkdir()
    Image.fromarray(astronaut[:60, :60]).save(photos / "sharp" / "c.png")
    before = contents(photos / "sharp")
    result = run("apply", photos / "sharp", "-o", photos, "--protocol", "box5", "--existing", "overwrite")
    assert result.exit_code == 1
    assert "is not replaced" in result.stderr
    assert contents(photos / "sharp") == before


def test_results_inside_the_folder_are_no_photos(photos: Path) -> None:
    arguments = ("apply", photos, "-o", photos / "out", "--protocol", "box5")
    run(*arguments)
    assert "2 photos done already" in run(*arguments, "--existing", "skip").stdout


def test_faces_are_cut_out_aligned(tmp_path: Path, astronaut: ByteImage, meadow: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(np.concatenate([astronaut[:300], astronaut[:300]], 1)).save(folder / "two.png")
    meadow.rename(folder / "meadow.png")
    out = tmp_path / "out"
    result = run("apply", folder, "-o", out, "--protocol", "mild", "--aligned-size", "96")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"2 pairs made in {out}, 1 photo without a face\n"
    assert [record["name"] for record in records(out)] == ["two_face1", "two_face2"]
    sharp = read(out / "sharp" / "two_face2.png")
    assert sharp.shape == (96, 96, 3)
    assert not np.array_equal(read(out / "blurred" / "two_face1.png"), read(out / "blurred" / "two_face2.png"))


def test_a_whole_photo_is_degraded_as_the_protocol_has_it(photos: Path, tmp_path: Path) -> None:
    run("apply", photos, "-o", tmp_path / "out", "--protocol", "mixed", "--face-size", "64", "--seed", "2")
    sharp = read(photos / "a.png")[None].astype(np.float32) / np.float32(255)
    expected = degrade_by_seeds(sharp, "mixed", [(2, zlib.crc32(b"a"))], None, 64)
    np.testing.assert_array_equal(read(tmp_path / "out" / "blurred" / "a.png") / np.float32(255), expected.faces[0])


def test_transparency_grey_and_depth_are_brought_to_rgb(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    clear = np.zeros((40, 40, 4), np.uint8)
    Image.fromarray(clear).save(folder / "clear.png")
    Image.fromarray(np.full((40, 40), 30000, np.uint16)).save(folder / "deep.png")
    assert run("apply", folder, "-o", tmp_path / "out", "--protocol", "sharp").exit_code == 0
    assert (read(tmp_path / "out" / "sharp" / "clear.png") == 255).all()
    assert (read(tmp_path / "out" / "blurred" / "deep.png") == 117).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--protocol", "levine"), "did you mean"),
        (("--protocol", "levin"), "needs a file of kernels"),
        (("--protocol", "shen", "--kernels", "k.mat"), "makes its own kernels"),
        (("--protocol", "shen", "--seed", "-1"), "0 or more"),
        (("--protocol", "shen", "--face-size", "64"), "leave --face-size out"),
        (("--protocol", "mixed", "--face-size", "64", "--aligned-size", "64"), "leave it out"),
        (("--protocol", "mixed", "--existing", "perhaps"), "no such choice"),
    ],
)
def test_what_cannot_be_meant(photos: Path, tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    result = run("apply", photos, "-o", tmp_path / "out", *arguments)
    assert isinstance(result.exception, UsageError)
    assert sentence in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_pairs_do_not_go_among_the_photos(photos: Path) -> None:
    before = contents(photos)
    result = run("apply", photos, "-o", photos / "more" / "..", "--protocol", "shen")
    assert isinstance(result.exception, UsageError)
    assert "name another folder" in str(result.exception)
    assert contents(photos) == before


def test_empty_and_missing_folders(tmp_path: Path) -> None:
    missing = run("apply", tmp_path / "nowhere", "-o", tmp_path / "out", "--protocol", "shen")
    assert isinstance(missing.exception, UsageError)
    (tmp_path / "empty").mkdir()
    empty = run("apply", tmp_path / "empty", "-o", tmp_path / "out", "--protocol", "shen")
    assert empty.exit_code == 1
    assert "no photos in this folder" in empty.stderr


def test_quiet_says_nothing(photos: Path, tmp_path: Path) -> None:
    result = run("apply", photos, "-o", tmp_path / "out", "--protocol", "box5", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
