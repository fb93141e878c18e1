import json

import numpy as np
import pytest

from clearface.faces import FFHQ_TEMPLATE, Box, Face
from clearface.point_spread import motion
from clearface.point_spread_words import describe_kernel
from clearface.report import BlurReport, FaceReport, FileReport, Status
from clearface.verdicts import Verdict

FACE = Face(Box(1, 2, 31, 42), 0.9, FFHQ_TEMPLATE)


def face(verdict: Verdict, left: bool = False) -> FaceReport:
    return FaceReport(1, 1, FACE, 128, verdict, left)


RESTORED, SHARP, LOST = face(Verdict.RESTORED), face(Verdict.SHARP, True), face(Verdict.TOO_FAR_GONE, True)
ANYWAY = face(Verdict.TOO_FAR_GONE)
HIDDEN, KEPT = FaceReport(1, 1, FACE, hidden=True), FaceReport(1, 2, FACE, hidden=False)


@pytest.mark.parametrize(
    ("status", "faces", "said"),
    [
        (Status.RESTORED, (RESTORED,), "1 face restored in 0.00 s"),
        (Status.RESTORED, (RESTORED, RESTORED, SHARP), "2 faces restored, 1 sharp already in"),
        (Status.RESTORED, (LOST, RESTORED, SHARP), "1 face restored, 1 sharp already, 1 too far gone in"),
        (Status.RESTORED, (RESTORED, ANYWAY), "2 faces restored (1 too far gone) in"),
        (Status.UNCHANGED, (SHARP,), "1 face sharp already, passed through unchanged"),
        (Status.UNCHANGED, (LOST, LOST), "2 faces too far gone, passed through unchanged"),
        (Status.CONVERTED, (SHARP, LOST, SHARP), "2 faces sharp already, 1 too far gone, its pixels written anew"),
        (Status.HIDDEN, (HIDDEN, HIDDEN, HIDDEN, KEPT), "3 faces hidden, 1 kept in 0.00 s"),
        (Status.HIDDEN, (HIDDEN,), "1 face hidden in 0.00 s"),
        (Status.HIDDEN, (), "no face found; written anew"),
        (Status.UNCHANGED, (), "no face found, passed through unchanged"),
    ],
)
def test_a_sentence_counts_what_became_of_the_faces(status: Status, faces: tuple[FaceReport, ...], said: str) -> None:
    assert said in FileReport("a.jpg", "b.jpg", status, faces).as_sentence()


def test_findings_are_lines_of_their_own() -> None:
    blur = BlurReport(describe_kernel(motion(17, 30)), 0.83, varies=True)
    told = FaceReport(2, 3, FACE, 128, Verdict.RESTORED, False, 0.914, blur)
    assert FileReport("a", None, Status.RESTORED, (told,)).as_sentence().splitlines()[1] == (
        "  frame 2, face 3: moved 17 px at 30 degrees, straight, not the same everywhere (certainty 0.83);"
        " blurred again, the result explains 0.91 of the input"
    )
    assert RESTORED.findings() is None


def test_json_tells_what_was_asked() -> None:
    blur = BlurReport(describe_kernel(motion(17, 30)), 0.83, varies=False)
    told = FaceReport(1, 1, FACE, 128, Verdict.RESTORED, False, 0.914, blur)
    (values,) = json.loads(FileReport("a", None, Status.RESTORED, (told,)).as_json())["faces"]
    assert (values["verdict"], values["left_as_it_was"], values["explained"]) == ("restored", False, 0.914)
    assert values["blur"]["words"] == "moved 17 px at 30 degrees, straight"
    assert values["blur"]["kind"] == "motion"
    np.testing.assert_allclose([values["blur"]["length"], values["blur"]["angle"]], [17, 30], atol=0.5)
    assert (values["blur"]["certainty"], values["blur"]["varies"]) == (0.83, False)
    (bare,) = json.loads(FileReport("a", None, Status.DETECTED, (FaceReport(1, 1, FACE),)).as_json())["faces"]
    assert set(bare) == {"frame", "number", "box", "landmarks", "score"}
    report = FileReport("a", "b", Status.HIDDEN, (HIDDEN, KEPT))
    assert [values["hidden"] for values in json.loads(report.as_json())["faces"]] == [True, False]
