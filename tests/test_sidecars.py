import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.errors import PhotoError, UsageError
from clearface.faces import Box, Face, upright_face
from clearface.sidecars import SidecarFace, SidecarFrame, SidecarHeader, read_sidecar, sidecar_lines, sidecar_writer
from clearface.tracking.base import Known, TrackedFace

coordinates = st.floats(-5000, 5000).map(lambda value: round(value, 3))
sizes = st.floats(0.01, 5000).map(lambda value: round(value, 3))


@st.composite
def told_faces(draw: Any) -> SidecarFace:
    left, top = draw(coordinates), draw(coordinates)
    box = Box(left, top, left + draw(sizes), top + draw(sizes))
    landmarks = np.array(draw(st.lists(st.tuples(coordinates, coordinates), min_size=5, max_size=5)))
    face = Face(box, round(draw(st.floats(0, 1)), 4), landmarks)
    name = draw(st.none() | st.text())
    return SidecarFace(
        TrackedFace(draw(st.integers(0, 10**9)), face, draw(st.sampled_from(Known)), name), draw(st.booleans())
    )


@st.composite
def sidecars(draw: Any) -> Any:
    rate = draw(st.none() | st.floats(1, 240))
    header = SidecarHeader(draw(st.text()), draw(st.integers(1, 65_536)), draw(st.integers(1, 65_536)), rate)
    numbers = sorted(draw(st.sets(st.integers(1, 10**6), max_size=6)))
    faces = st.lists(told_faces(), min_size=1, max_size=4).map(tuple)
    return header, [SidecarFrame(number, round(number / 25, 6), draw(faces)) for number in numbers]


def same(one: SidecarFace, other: SidecarFace) -> bool:
    first, second = one.tracked, other.tracked
    here, there = ([face.box.left, face.box.top, face.box.right, face.box.bottom] for face in (first.face, second.face))
    return (
        (first.track, first.known, first.name, one.hide, first.face.score)
        == (second.track, second.known, second.name, other.hide, second.face.score)
        and np.allclose(here, there, atol=0.002)
        and np.allclose(first.face.landmarks, second.face.landmarks, atol=0.001)
    )


@settings(max_examples=60)
@given(sidecars())
def test_what_was_written_is_read_again(told):
    header, frames = told
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faces.jsonl"
        with sidecar_writer(path, header) as writer:
            for frame in frames:
                writer.write(frame)
        assert path.read_bytes() == b"".join(sidecar_lines(header, frames))
        reader = read_sidecar(path)
        assert reader.header == header
        for frame in frames:
            for _ in range(2):
                again = reader.frame(frame.number)
                assert len(again) == len(frame.faces)
                assert all(map(same, again, frame.faces))
        last = frames[-1].number if frames else 0
        assert reader.frame(last + 1) == ()


@pytest.fixture
def written(tmp_path):
    def write(*lines, header=None):
        first = (
            header or '{"clearface": "9.9", "kind": "faces", "input": "a.jpg", "width": 64, "height": 48, "rate": null}'
        )
        path = tmp_path / "faces.jsonl"
        path.write_text("\n".join([first, *(line if isinstance(line, str) else json.dumps(line) for line in lines)]))
        return path

    return write


def test_what_a_person_left_out_is_filled_in(written):
    reader = read_sidecar(
        written({"frame": 3, "unknown": 1, "faces": [{"box": [10, 20, 30, 50], "note": "me"}]}, "", "  ")
    )
    assert reader.header == SidecarHeader("a.jpg", 64, 48, None, "9.9")
    assert reader.frame(1) == reader.frame(2) == ()
    (told,) = reader.frame(3)
    assert (told.tracked.track, told.tracked.known, told.hide, told.tracked.face.score) == (0, Known.TOLD, True, 1.0)
    assert np.array_equal(told.tracked.face.landmarks, upright_face(Box(10, 20, 30, 50)).landmarks)


def test_frames_without_faces_take_no_line(tmp_path):
    lines = list(sidecar_lines(SidecarHeader("a", 1, 1), [SidecarFrame(1, 0.0, ())]))
    assert len(lines) == 1


BOX = [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ({"faces": []}, '"frame"'),
        ({"frame": 0, "faces": []}, '"frame"'),
        ({"frame": True, "faces": []}, '"frame"'),
        ({"frame": 1}, '"faces" is a list'),
        ({"frame": 1, "faces": [3]}, "a face is a JSON object"),
        ({"frame": 1, "faces": [{}]}, '"box" is'),
        ({"frame": 1, "faces": [{"box": [1, 2, 3]}]}, '"box" is'),
        ({"frame": 1, "faces": [{"box": [3, 2, 3, 4]}]}, "empty"),
        ({"frame": 1, "faces": [{"box": [1, 2, "3", 4]}]}, '"box" holds numbers'),
        ('{"frame": 1, "faces": [{"box": [1, 2, NaN, 4]}]}', '"box" holds numbers'),
        ('{"frame": 1, "faces": [{"box": [1, 2, 1%s, 4]}]}' % ("0" * 400), '"box" holds numbers'),
        ({"frame": 1, "faces": [{"box": BOX, "landmarks": [[1, 2]]}]}, '"landmarks" are five points'),
        ({"frame": 1, "faces": [{"box": BOX, "score": 2}]}, '"score" holds numbers'),
        ({"frame": 1, "faces": [{"box": BOX, "hide": "no"}]}, '"hide" is true or false'),
        ({"frame": 1, "faces": [{"box": BOX, "known": "guessed"}]}, '"known" is one of found, filled, held, told'),
        ({"frame": 1, "faces": [{"box": BOX, "track": -1}]}, '"track" is a whole number'),
    ],
)
def test_a_bad_line_is_named_by_its_number_before_anything_is_done(written, line, sentence):
    path = written({"frame": 1, "faces": []} if not isinstance(line, dict) else "", line)
    with pytest.raises(UsageError) as raised:
        read_sidecar(path)
    assert str(raised.value).startswith(f"{path}, line 3: ")
    assert sentence in str(raised.value)


def test_frames_ascend(written):
    face = {"box": BOX}
    with pytest.raises(UsageError, match="line 3: frame 4 comes after frame 4"):
        read_sidecar(written({"frame": 4, "faces": [face]}, {"frame": 4, "faces": [face]}))
    reader = read_sidecar(written({"frame": 4, "faces": [face]}))
    reader.frame(5)
    with pytest.raises(ValueError, match="forward"):
        reader.frame(4)


@pytest.mark.parametrize(
    "header", ["{}", '{"kind": "faces"}', '{"clearface": "1", "kind": "faces", "width": 0, "height": 2}']
)
def test_what_is_no_sidecar_is_refused(written, header):
    with pytest.raises(UsageError, match="line 1: "):
        read_sidecar(written(header=header))


def test_an_empty_or_missing_file_is_named(tmp_path):
    path = tmp_path / "faces.jsonl"
    with pytest.raises(UsageError, match=r"faces\.jsonl: cannot be read"):
        read_sidecar(path)
    path.write_bytes(b"\n")
    with pytest.raises(UsageError, match=r"faces\.jsonl: is empty"):
        read_sidecar(path)


def test_faces_of_another_picture_are_refused(written):
    reader = read_sidecar(written())
    reader.check_fits("a.jpg", 64, 48)
    with pytest.raises(UsageError, match=r"64 x 48 pixels, but b\.jpg has 48 x 64"):
        reader.check_fits("b.jpg", 48, 64)


def test_nothing_is_left_of_a_sidecar_that_was_not_finished(tmp_path):
    path = tmp_path / "faces.jsonl"
    with pytest.raises(RuntimeError), sidecar_writer(path, SidecarHeader("a", 1, 1)):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"mine")
    with pytest.raises(PhotoError, match="exists already"), sidecar_writer(path, SidecarHeader("a", 1, 1)):
        pass
    assert path.read_bytes() == b"mine"
