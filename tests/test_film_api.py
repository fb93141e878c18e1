"""Films in one call."""

from pathlib import Path

import av
import numpy as np
import pytest
import skimage.data

from clearface.choosing import FaceChoice
from clearface.errors import FilmError
from clearface.faces import Box
from clearface.film_api import detect_film, hide_film, restore_film
from clearface.hiding import HideStyle
from clearface.pipeline import Pipeline
from clearface.report import Status
from clearface.restorers.identity import Identity


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six frames of the astronaut's head, moving."""
    path = tmp_path_factory.mktemp("film") / "head.mp4"
    head = skimage.data.astronaut()[:200, 120:320]
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(6):
            frame = np.full((240, 320, 3), 128, np.uint8)
            frame[20:220, 40 + 2 * number : 240 + 2 * number] = head
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode(None))
    return path


def test_faces_keep_their_numbers_and_move_as_they_do(film: Path) -> None:
    frames = list(detect_film(film))
    assert [frame.number for frame in frames] == list(range(1, 7))
    assert [frame.seconds for frame in frames] == pytest.approx([number / 10 for number in range(6)])
    assert [[face.track for face in frame.faces] for frame in frames] == [[1]] * 6
    places = [frame.faces[0].face.box.centre[0] for frame in frames]
    assert places[-1] - places[0] == pytest.approx(10, abs=2)


def test_hiding_says_what_became_of_each_face(film: Path, tmp_path: Path) -> None:
    target = tmp_path / "hidden.mkv"
    report = hide_film(film, target, HideStyle("solid"), FaceChoice(also=(Box(0, 0, 20, 20),)))
    assert report.status is Status.HIDDEN
    assert [track.changed for track in report.tracks] == [6, 6]
    assert "1 face hidden, 1 rectangle hidden in 6 frames" in report.as_sentence()
    with av.open(target) as container:
        frames = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]
    assert len(frames) == 6
    assert all(frame[2:18, 2:18].max() < 16 for frame in frames)
    with pytest.raises(FilmError, match=r"hidden\.mkv"):
        hide_film(film, target)
    assert hide_film(film, target, overwrite=True).frames == 6


def test_restoring_takes_the_restorer_it_is_given(film: Path, tmp_path: Path) -> None:
    from clearface.detectors.registry import build_detector

    report = restore_film(film, tmp_path / "same.mp4", Pipeline(build_detector("centerface"), Identity()))
    assert report.frames == 6
    assert report.status is Status.RESTORED
    assert (tmp_path / "same.mp4").is_file()


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FilmError, match=r"nowhere\.mp4"):
        next(detect_film(tmp_path / "nowhere.mp4"))
