"""What goes along with a picture: subtitles, chapters, tags, covers, fonts."""

from pathlib import Path

import pytest
from tests.conftest import FFmpeg
from tests.films.conftest import Maker, pass_through

WORDS = "1\n00:00:00,100 --> 00:00:00,400\nHello <i>there</i>\n\n2\n00:00:00,500 --> 00:00:00,700\nÄpfel\n"
CHAPTERS = (
    ";FFMETADATA1\ntitle=A film\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=First\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=800\ntitle=Second\n"
)


@pytest.fixture
def rich(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> Path:
    """A Matroska film with subtitles, chapters, a title, a cover and a font."""
    (tmp_path / "words.srt").write_text(WORDS, encoding="utf-8")
    (tmp_path / "chapters.txt").write_text(CHAPTERS, encoding="utf-8")
    (tmp_path / "font.ttf").write_bytes(b"\0\1\0\0 a font")
    ffmpeg.make("-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", 1, tmp_path / "cover.png")
    inputs = ["-i", clip("plain.mp4", sound=True), "-i", tmp_path / "words.srt", "-i", tmp_path / "chapters.txt"]
    attached = ["-attach", tmp_path / "font.ttf", "-metadata:s:t:0", "mimetype=font/ttf"]
    attached += ["-attach", tmp_path / "cover.png", "-metadata:s:t:1", "mimetype=image/png"]
    told = ["-map", "0:v", "-map", "0:a", "-map", "1:s", "-map_metadata", 2, "-map_chapters", 2, "-c", "copy"]
    path = tmp_path / "rich.mkv"
    ffmpeg.make(*inputs, *told, "-c:s", "srt", *attached, "-metadata:s:s:0", "language=fre", path)
    return path


def words(ffmpeg: FFmpeg, path: Path, tmp_path: Path) -> str:
    ffmpeg.make("-i", path, "-map", "0:s", "-c:s", "srt", tmp_path / "told.srt")
    return (tmp_path / "told.srt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["out.mkv", "out.mp4", "out.mov", "out.webm"])
def test_subtitles_and_chapters(name: str, rich: Path, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    notes = pass_through(rich, tmp_path / name)
    told = words(ffmpeg, tmp_path / name, tmp_path)
    assert "Hello" in told
    assert "Äpfel" in told
    assert told.count("-->") == 2
    assert 100 <= int(told.splitlines()[1][9:12]) <= 135, (
        "as much later as the picture, which waits for the sound to begin"
    )
    probe = ffmpeg.probe(tmp_path / name)
    assert [chapter["tags"]["title"] for chapter in probe["chapters"]] == ["First", "Second"]
    assert [float(chapter["start_time"]) for chapter in probe["chapters"]] == pytest.approx([0, 0.4], abs=0.03)
    assert {key.lower(): value for key, value in probe["format"]["tags"].items()}["title"] == "A film"
    subtitle = ffmpeg.stream(tmp_path / name, "subtitle")
    assert subtitle["tags"]["language"] == ("fra" if name == "out.mov" else "fre")
    kinds = [stream["codec_type"] for stream in probe["streams"]]
    assert kinds.count("attachment") == (name == "out.mkv")
    assert kinds.count("video") == 1
    assert any("cover picture left out" in note or "attached file left out" in note for note in notes)


def test_what_avi_does_not_hold_is_told(rich: Path, tmp_path: Path) -> None:
    notes = pass_through(rich, tmp_path / "out.avi")
    assert any("stream of subtitles (subrip) left out, since AVI does not hold it" in note for note in notes)
    assert any("chapters are left out" in note for note in notes)


def test_private_tells_no_place(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    place = "+48.8577+002.295/"
    source = tmp_path / "place.mov"
    plain = clip("plain.mp4")
    ffmpeg.make(
        "-i",
        plain,
        "-c",
        "copy",
        "-metadata",
        f"location={place}",
        "-metadata",
        "title=A film",
        "-movflags",
        "use_metadata_tags",
        "-metadata",
        f"com.apple.quicktime.location.ISO6709={place}",
        source,
    )
    kept = tmp_path / "kept.mov"
    pass_through(source, kept)
    assert place in str(ffmpeg.probe(kept)["format"]["tags"])
    private = tmp_path / "private.mov"
    notes = pass_through(source, private, private=True)
    assert place.encode() not in private.read_bytes()
    assert ffmpeg.probe(private)["format"]["tags"]["title"] == "A film"
    assert "tags that tell the place were left out" in notes
    bare = tmp_path / "bare.mov"
    pass_through(source, bare, metadata=False)
    assert b"A film" not in bare.read_bytes()


def test_a_second_picture_is_left_out(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    first, second = clip("a.mp4"), clip("b.mp4", size="32x32")
    ffmpeg.make(
        "-i",
        second,
        "-i",
        first,
        "-map",
        0,
        "-map",
        1,
        "-c",
        "copy",
        "-disposition:v:0",
        0,
        "-disposition:v:1",
        "default",
        tmp_path / "c.mp4",
    )
    notes = pass_through(tmp_path / "c.mp4", tmp_path / "out.mp4")
    streams = ffmpeg.probe(tmp_path / "out.mp4")["streams"]
    assert [(stream["width"], stream["height"]) for stream in streams] == [(64, 48)]
    assert "1 further picture left out, as only the first was worked on" in notes


def test_dates_stay(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.mp4", "-metadata", "creation_time=2021-05-04T03:02:01Z")
    pass_through(source, tmp_path / "out.mp4")
    assert ffmpeg.probe(tmp_path / "out.mp4")["format"]["tags"]["creation_time"] == "2021-05-04T03:02:01.000000Z"
