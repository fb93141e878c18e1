"""Films in files: every frame once, with its time, and a sentence for what is wrong."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import FFmpeg
from tests.films.conftest import Maker

from clearface.errors import FilmError
from clearface.films.base import Mark
from clearface.films.facts import ColourTags, PictureFacts
from clearface.films.hdr import HdrFacts
from clearface.films.kinds import FILM_KINDS, film_kind_of_content
from clearface.films.reading import open_film, refuse_unseeable

CONTAINERS = {
    "a.mp4": ("MP4", ["-c:v", "libx264"]),
    "a.m4v": ("MP4", ["-c:v", "libx264", "-f", "mp4"]),
    "a.mov": ("MOV", ["-c:v", "libx264"]),
    "a.mkv": ("MKV", ["-c:v", "libx264"]),
    "a.webm": ("WEBM", ["-c:v", "libvpx-vp9", "-cpu-used", "8"]),
    "a.avi": ("AVI", ["-c:v", "mpeg4"]),
    "a.ts": ("TS", ["-c:v", "libx264"]),
    "a.m2ts": ("TS", ["-c:v", "libx264"]),
    "a.3gp": ("3GP", ["-c:v", "libx264"]),
    "a.flv": ("FLV", ["-c:v", "flv"]),
    "a.mpg": ("MPEG", ["-c:v", "mpeg2video"]),
    "a.wmv": ("WMV", ["-c:v", "wmv2"]),
    "a.ogv": ("OGG", ["-c:v", "libtheora"]),
}


def numbers(path: Path, after: Mark | None = None) -> list[tuple[int, int, float]]:
    return [(frame.number, frame.timestamp, frame.seconds) for frame in open_film(path, "it").frames(after)]


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container(name: str, clip: Maker, ffmpeg: FFmpeg) -> None:
    kind, arguments = CONTAINERS[name]
    path = clip(name, *arguments)
    assert film_kind_of_content(path.read_bytes()[:512]) == kind
    assert path.suffix in FILM_KINDS[kind].extensions
    film = open_film(path, "it")
    found = numbers(path)
    times = ffmpeg.times(path)
    assert len(found) == len(times) == 20
    assert [number for number, _, _ in found] == list(range(1, len(times) + 1))
    assert (film.info.width, film.info.height) == (64, 48)
    if name != "a.mpg":  # whose times ffprobe tells only in part
        assert np.diff([seconds for _, _, seconds in found]) == pytest.approx(np.diff(times), abs=1e-6)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.mpg", "a.webm"])
def test_going_on_in_the_middle_is_as_never_stopped(name: str, clip: Maker) -> None:
    path = clip(name, *CONTAINERS[name][1], "-g", 6)
    whole = list(open_film(path, "it").frames())
    for done in (1, 7, 13, 19, 20):
        rest = list(open_film(path, "it").frames(Mark(done, whole[done - 1].timestamp)))
        assert [(frame.number, frame.timestamp) for frame in rest] == [
            (frame.number, frame.timestamp) for frame in whole[done:]
        ]
        for frame, same in zip(rest, whole[done:], strict=True):
            assert np.array_equal(frame.canvas.reduced(64, 48), same.canvas.reduced(64, 48))


def test_varying_rate(clip: Maker, ffmpeg: FFmpeg) -> None:
    path = clip("a.mp4", "-vf", "setpts='(N+floor(N/3)*2)/25/TB'", "-vsync", "vfr", frames=30)
    assert [seconds for _, _, seconds in numbers(path)] == pytest.approx(ffmpeg.times(path))
    assert len(set(np.round(np.diff(ffmpeg.times(path)), 3))) > 1


def damage(path: Path, first: int, last: int, fill: bytes | None = None) -> None:
    """Overwrites packets with noise, all but their first bytes, or with one byte throughout."""
    import av

    noise = np.random.default_rng(1)
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(container.streams.video[0]) if packet.size]
    data = bytearray(path.read_bytes())
    for start, size in places[first:last]:
        assert start is not None
        skip = 0 if fill is not None else min(16, size)
        data[start + skip : start + size] = fill * size if fill is not None else noise.bytes(size - skip)
    path.write_bytes(data)


def test_a_damaged_middle(clip: Maker) -> None:
    path = clip("a.mp4", "-c:v", "libx264", "-bf", 0, "-g", 5)
    damage(path, 7, 9)
    film = open_film(path, "it")
    frames = list(film.frames())
    assert len(frames) == 20
    harmed = [frame.number for frame in frames if frame.damaged]
    assert set(harmed) & {8, 9}
    assert set(harmed) <= {8, 9, 10}, "the next key frame is whole"
    assert any("damaged frame" in note and "0:00:00" in note for note in film.notes)


def test_missing_frames_are_told(clip: Maker) -> None:
    path = clip("a.mp4", "-c:v", "libx264", "-bf", 0, "-g", 5)
    damage(path, 12, 13, b"\0")
    film = open_film(path, "it")
    assert [frame.timestamp for frame in film.frames()] == [time for _, time, _ in numbers(path)]
    assert any("1 frame at 0:00:00.48 could not be decoded and is missing" in note for note in film.notes)


def test_a_cut_end(clip: Maker) -> None:
    path = clip("a.mp4", "-c:v", "libx264", "-g", 5, "-movflags", "faststart", frames=50)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    film = open_film(path, "it")
    count = len(list(film.frames()))
    assert 10 < count < 45
    assert any(
        note.startswith("the video ends early, after 0:00:0") and note.endswith("of 0:00:02.00") for note in film.notes
    )


def test_nothing_reaches_standard_error(clip: Maker, capfd: pytest.CaptureFixture[str]) -> None:
    path = clip("a.mp4", "-c:v", "libx264", "-bf", 0, "-g", 5)
    damage(path, 7, 13)
    list(open_film(path, "it").frames())
    assert capfd.readouterr().err == ""


class TestWhatIsNone:
    def test_sound_alone(self, ffmpeg: FFmpeg, tmp_path: Path) -> None:
        ffmpeg.make("-f", "lavfi", "-i", "sine=d=1", tmp_path / "a.m4a")
        with pytest.raises(FilmError, match=r"it: it holds sound, but no moving picture"):
            open_film(tmp_path / "a.m4a", "it")

    def test_sound_with_a_cover(self, ffmpeg: FFmpeg, tmp_path: Path) -> None:
        cover = ["-f", "lavfi", "-i", "color=red:s=32x32:d=0.04", "-map", 0, "-map", 1, "-frames:v", 1]
        ffmpeg.make(
            "-f",
            "lavfi",
            "-i",
            "sine=d=1",
            *cover,
            "-c:v",
            "mjpeg",
            "-disposition:v",
            "attached_pic",
            tmp_path / "a.mp4",
        )
        with pytest.raises(FilmError, match="it holds sound, but no moving picture"):
            open_film(tmp_path / "a.mp4", "it")

    def test_without_its_index(self, clip: Maker) -> None:
        path = clip("a.mp4")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(FilmError, match="the index of its frames is missing"):
            open_film(path, "it")

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [(b"", "the file is empty"), (b"no film at all" * 99, "not a video of a kind that is known here")],
    )
    def test_other_files(self, data: bytes, sentence: str, tmp_path: Path) -> None:
        path = tmp_path / "a.mp4"
        path.write_bytes(data)
        with pytest.raises(FilmError, match=f"it: .*{sentence}"):
            open_film(path, "it")

    def test_folders_and_absent_files(self, tmp_path: Path) -> None:
        with pytest.raises(FilmError, match="this is a folder"):
            open_film(tmp_path, "it")
        with pytest.raises(FilmError, match="there is no such file"):
            open_film(tmp_path / "a.mp4", "it")

    def test_a_list_of_other_files_is_not_followed(self, clip: Maker, tmp_path: Path) -> None:
        clip("a.ts")
        path = tmp_path / "list.mp4"
        path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n")
        with pytest.raises(FilmError, match="not a video"):
            open_film(path, "it")

    def test_a_picture_that_changes_its_size(self, clip: Maker, tmp_path: Path) -> None:
        small, large = clip("a.ts", frames=5), clip("b.ts", size="80x64", frames=5)
        both = tmp_path / "both.ts"
        both.write_bytes(small.read_bytes() + large.read_bytes())
        with pytest.raises(FilmError, match="its picture changes from 64 x 48 to 80 x 64 pixels at 0:00:00"):
            list(open_film(both, "it").frames())


def test_cover_art_is_not_the_picture(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    film = clip("a.mp4")
    cover = tmp_path / "cover.png"
    ffmpeg.make("-f", "lavfi", "-i", "color=red:s=320x320", "-frames:v", 1, cover)
    ffmpeg.make(
        "-i",
        cover,
        "-i",
        film,
        "-map",
        0,
        "-map",
        1,
        "-c",
        "copy",
        "-disposition:v:0",
        "attached_pic",
        tmp_path / "b.mp4",
    )
    assert open_film(tmp_path / "b.mp4", "it").info.width == 64


@pytest.mark.parametrize(("matrix", "seen"), [(2, False), (15, False), (9, True)])
def test_dolby_vision_needs_a_picture_for_others(matrix: int, seen: bool) -> None:
    facts = PictureFacts(
        64,
        48,
        "yuv420p10le",
        Fraction(1, 25),
        Fraction(25),
        colours=ColourTags(matrix),
        hdr=HdrFacts(dynamic=True, dolby_vision=True),
    )
    if seen:
        refuse_unseeable(facts, "it")
    else:
        with pytest.raises(FilmError, match="it: it is a Dolby Vision video without a picture"):
            refuse_unseeable(facts, "it")
