"""What the command line says and saves about the blur of a face, with small networks in place of the shipped ones."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearface import cli, point_spread
from clearface.restorers.smfd.description import DETAILED_FILE

STRAIGHT = np.pad(point_spread.motion(21, 0), 8)
POINT = np.zeros((37, 37))
POINT[18, 18] = 1
LUCY = ("--restorer", "richardson-lucy", "--iterations", "5")


@dataclass(frozen=True)
class Answer:
    code: int
    stdout: str
    stderr: str


Run = Callable[..., Answer]
Ship = Callable[[Path], None]
Saying = Callable[..., Path]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Restores the arguments in this process."""

    def call(*arguments: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["clearface", "restore", *(str(argument) for argument in arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        return Answer(int(stopped.value.code or 0), captured.out, captured.err)

    return call


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_a_face_is_restored_and_everything_told(
    run: Run, shipped_smfd: Ship, smfd_saying: Saying, portrait: Path
) -> None:
    shipped_smfd(smfd_saying(kernel=STRAIGHT, certainty=0.75))
    answer = run(portrait, "--restorer", "smfd", "--kernel", "--check", "--confidence", "--json")
    assert answer.code == 0
    told = json.loads(answer.stdout)
    assert told["status"] == "restored"
    (face,) = told["faces"]
    assert (face["verdict"], face["left_as_it_was"]) == ("restored", False)
    assert 0 <= face["explained"] <= 1
    assert face["blur"]["kind"] == "motion"
    assert face["blur"]["certainty"] == 0.75
    # The square of a face spans about 1.6 of its boxes, and is looked at at 128 pixels.
    left, top, right, bottom = face["box"]
    spans = 1.61 * np.sqrt((right - left) * (bottom - top))
    assert face["blur"]["length"] == pytest.approx(21 * spans / 128, rel=0.15)
    names = {Path(extra).name for extra in told["extras"]}
    assert names == {"portrait_restored_face1_kernel.png", "portrait_restored_confidence.png"}
    assert pixels(portrait.with_name("portrait_restored_confidence.png")).shape[0] > 300
    assert pixels(portrait.with_name("portrait_restored_face1_kernel.png")).max() == 255


def test_a_tilted_face_was_blurred_at_the_angle_it_has_in_the_photo(
    run: Run, shipped_smfd: Ship, smfd_saying: Saying, astronaut: np.ndarray, tmp_path: Path
) -> None:
    shipped_smfd(smfd_saying(kernel=STRAIGHT))
    upright, tilted = tmp_path / "upright.png", tmp_path / "tilted.png"
    Image.fromarray(astronaut).rotate(25, Image.Resampling.BICUBIC, center=(225, 110)).crop((80, 0, 380, 300)).save(
        tilted
    )
    Image.fromarray(astronaut).crop((80, 0, 380, 300)).save(upright)
    angles = []
    for photo in (upright, tilted):
        answer = run(photo, "--restorer", "smfd", "--kernel", "--json")
        (face,) = json.loads(answer.stdout)["faces"]
        angles.append(face["blur"]["angle"])
    assert (angles[1] - angles[0]) % 180 == pytest.approx(25, abs=7)  # the landmarks turn a little less


def test_people_are_told_in_words(run: Run, shipped_smfd: Ship, smfd_saying: Saying, portrait: Path) -> None:
    shipped_smfd(smfd_saying(kernel=STRAIGHT, certainty=0.75))
    answer = run(portrait, "--restorer", "smfd", "--kernel", "--check")
    first, second = answer.stdout.splitlines()
    assert "1 face restored" in first
    assert second.startswith("  face 1: moved ")
    assert "(certainty 0.75); blurred again, the result explains 0." in second


def test_a_sharp_face_goes_through_untouched_and_says_so(
    run: Run, shipped_smfd: Ship, smfd_saying: Saying, portrait: Path, tmp_path: Path
) -> None:
    shipped_smfd(smfd_saying(kernel=POINT, still=True))
    answer = run(portrait, "--restorer", "smfd", "--kernel", "--check")
    assert "1 face sharp already, passed through unchanged" in answer.stdout
    assert "no blur" in answer.stdout
    assert "explains" not in answer.stdout
    assert portrait.with_name("portrait_restored.jpg").read_bytes() == portrait.read_bytes()
    answer = run(portrait, "--restorer", "smfd", "-o", tmp_path / "other.png")
    assert "1 face sharp already, its pixels written anew" in answer.stdout
    np.testing.assert_array_equal(pixels(tmp_path / "other.png"), pixels(portrait))


def test_a_face_too_far_gone_is_left_unless_asked(
    run: Run, shipped_smfd: Ship, smfd_saying: Saying, portrait: Path, tmp_path: Path
) -> None:
    shipped_smfd(smfd_saying(kernel=STRAIGHT, log_error=3.0))
    answer = run(portrait, "--restorer", "smfd", "-o", tmp_path / "left.jpg")
    assert "1 face too far gone, passed through unchanged" in answer.stdout
    assert (tmp_path / "left.jpg").read_bytes() == portrait.read_bytes()
    answer = run(portrait, "--restorer", "smfd", "-o", tmp_path / "done.jpg", "--restore-anyway")
    assert "1 face restored (1 too far gone)" in answer.stdout
    assert (pixels(tmp_path / "done.jpg") != pixels(portrait)).any()


def test_deconvolution_explains_itself_too(run: Run, portrait: Path) -> None:
    answer = run(portrait, *LUCY, "--psf", "motion:9,30", "--kernel", "--check", "--json")
    assert answer.code == 0
    (face,) = json.loads(answer.stdout)["faces"]
    assert face["blur"]["words"] == "moved 9 px at 30 degrees, straight"
    assert face["blur"]["certainty"] == 1
    assert 0 <= face["explained"] <= 1
    assert portrait.with_name("portrait_restored_face1_kernel.png").is_file()


@pytest.mark.parametrize("restorer", ["richardson-lucy", "wiener"])
def test_deconvolution_with_each_faces_own_blur(
    run: Run, shipped_smfd: Ship, smfd_saying: Saying, portrait: Path, restorer: str
) -> None:
    shipped_smfd(smfd_saying(kernel=STRAIGHT, certainty=0.6))
    answer = run(portrait, "--restorer", restorer, "--psf", "estimated", "--kernel", "--json")
    assert answer.code == 0
    (face,) = json.loads(answer.stdout)["faces"]
    assert face["blur"]["kind"] == "motion"
    assert face["blur"]["certainty"] == 0.6


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--confidence", *LUCY), "--confidence: the restorer richardson-lucy does not say how sure it is"),
        (("--kernel", "--restorer", "identity"), "--kernel: the restorer identity names no blur"),
        (("--check", "--restorer", "identity"), "--check: the restorer identity names no blur to check"),
        (("--restore-anyway", *LUCY), "the restorer richardson-lucy has no restore anyway"),
        (("--check", "--quiet", *LUCY), "--check says how good a result is and --quiet says nothing"),
        (("--restorer", "smfd", "--fidelity", "2"), "the fidelity lies in 0 to 1"),
    ],
)
def test_what_a_restorer_cannot_tell_is_refused(
    run: Run, shipped_smfd: Ship, smfd_folder: Path, portrait: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    shipped_smfd(smfd_folder)
    answer = run(portrait, *arguments)
    assert answer.code == 2
    assert sentence in answer.stderr
    assert len(list(portrait.parent.glob("*restored*"))) == 0


def test_a_network_that_is_not_there_is_one_sentence(
    run: Run, shipped_smfd: Ship, smfd_folder: Path, portrait: Path, tmp_path: Path
) -> None:
    shipped_smfd(tmp_path)
    answer = run(portrait, "--restorer", "smfd")
    assert answer.code == 1
    assert "smfd-reader.onnx: there is no such network file" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    faithful = tmp_path / "faithful"
    shutil.copytree(smfd_folder, faithful)
    (faithful / DETAILED_FILE).unlink()
    shipped_smfd(faithful)
    assert "smfd-detailed.onnx" in run(portrait, "--restorer", "smfd", "--fidelity", "0.5").stderr


def test_pictures_need_a_place(run: Run, shipped_smfd: Ship, smfd_folder: Path, portrait: Path) -> None:
    shipped_smfd(smfd_folder)
    for option in ("--kernel", "--confidence"):
        answer = run(portrait, "--restorer", "smfd", "-o", "-", option)
        assert answer.code == 1
        assert "name an output file with -o" in answer.stderr


def test_a_folder_searched_again_passes_its_pictures_over(
    run: Run, shipped_smfd: Ship, smfd_folder: Path, portrait: Path
) -> None:
    shipped_smfd(smfd_folder)
    options = ("--restorer", "smfd", "--kernel", "--confidence", "--existing", "overwrite", "--json")
    for _ in range(2):
        answer = run(portrait.parent, *options)
        assert answer.code == 0
        assert len(answer.stdout.splitlines()) == 1


def test_fidelity_reaches_the_result(run: Run, shipped_smfd: Ship, smfd_folder: Path, portrait: Path) -> None:
    shipped_smfd(smfd_folder)
    for fidelity in ("0", "1"):
        output = portrait.with_name(f"{fidelity}.png")
        assert run(portrait, "--restorer", "smfd", "--fidelity", fidelity, "-o", output).code == 0
    assert (pixels(portrait.with_name("0.png")) != pixels(portrait.with_name("1.png"))).any()
