"""Films into files: what was there stays, frame by frame and packet by packet."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import FFmpeg
from tests.films.conftest import Maker, pass_through

from clearface.errors import FilmError, UsageError
from clearface.films.kinds import FILM_KINDS
from clearface.films.options import FilmOptions
from clearface.films.reading import open_film
from clearface.films.writing import FilmFileSink
from clearface.squares import Region

CLAIMED = [
    (kind.extensions[0], codec)
    for name, kind in FILM_KINDS.items()
    if kind.written and name != "GIF"
    for codec in kind.codecs
]


@pytest.mark.parametrize(("extension", "codec"), CLAIMED)
def test_every_container_and_codec(extension: str, codec: str, clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.mp4", "-c:v", "libx264", sound=True)
    target = tmp_path / f"out{extension}"
    pass_through(source, target, codec=codec)
    assert ffmpeg.stream(target)["codec_name"] == codec
    assert ffmpeg.complaints(target) == ""
    difference = np.abs(ffmpeg.rgb(target).astype(int) - ffmpeg.rgb(source))
    assert difference.mean() < 6
    assert [path.name for path in tmp_path.iterdir() if path not in (source, target)] == []
    if extension != ".avi":  # which has no times for H.264
        assert np.diff(ffmpeg.times(target)) == pytest.approx(np.diff(ffmpeg.times(source)), abs=0.0011)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx265"),
        ("a.webm", "libvpx-vp9"),
        ("a.avi", "mpeg4"),
        ("a.mov", "prores_ks"),
        ("b.mkv", "ffv1"),
    ],
)
def test_the_codec_of_the_source_by_default(name: str, codec: str, clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip(name, "-c:v", codec)
    target = tmp_path / f"out{source.suffix}"
    assert pass_through(source, target) == ()
    before, after = ffmpeg.stream(source), ffmpeg.stream(target)
    for key in ("codec_name", "pix_fmt", "width", "height"):
        assert before[key] == after[key], key


def test_lossless_is_lossless(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    for form in ("yuv420p", "yuv422p10le", "yuv444p12le", "gray", "yuv440p"):
        source = clip(f"{form}.mkv", "-c:v", "ffv1", "-pix_fmt", form, size="65x37", frames=5)
        target = tmp_path / f"{form}-out.mkv"
        pass_through(source, target)
        assert np.array_equal(ffmpeg.rgb(target), ffmpeg.rgb(source))
        assert frame_hashes(ffmpeg, source, form) == frame_hashes(ffmpeg, target, form)


def frame_hashes(ffmpeg: FFmpeg, path: Path, form: str) -> list[str]:
    import subprocess

    command = [
        ffmpeg.ffmpeg,
        "-loglevel",
        "error",
        "-i",
        str(path),
        "-map",
        "0:v",
        "-pix_fmt",
        form,
        "-f",
        "framemd5",
        "-",
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.rpartition(",")[2].strip() for line in told.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.mov"])
def test_sound_is_copied_bit_for_bit(name: str, clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.mp4", "-c:v", "libx264", "-c:a", "aac", "-metadata:s:a", "language=eng", sound=True)
    pass_through(source, tmp_path / name)
    assert ffmpeg.packets(tmp_path / name, "a:0") == ffmpeg.packets(source, "a:0")
    assert ffmpeg.stream(tmp_path / name, "audio")["tags"]["language"] == "eng"
    gaps = [
        float(ffmpeg.stream(path)["start_time"]) - float(ffmpeg.stream(path, "audio")["start_time"])
        for path in (source, tmp_path / name)
    ]
    assert gaps[0] == pytest.approx(gaps[1], abs=0.03)


def test_broadcast_sound_stays_with_its_picture(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.ts", "-c:v", "libx264", "-c:a", "aac", sound=True)
    pass_through(source, tmp_path / "out.mp4")
    gaps = [
        float(ffmpeg.stream(path)["start_time"]) - float(ffmpeg.stream(path, "audio")["start_time"])
        for path in (source, tmp_path / "out.mp4")
    ]
    assert gaps[0] == pytest.approx(gaps[1], abs=0.001)


@pytest.mark.parametrize(("name", "codec"), [("out.webm", "opus"), ("out.avi", "mp3")])
def test_sound_the_container_does_not_hold_is_converted(
    name: str, codec: str, clip: Maker, ffmpeg: FFmpeg, tmp_path: Path
) -> None:
    source = clip("a.mkv", "-c:v", "libx264", "-c:a", "flac", sound=True)
    notes = pass_through(source, tmp_path / name)
    stream = ffmpeg.stream(tmp_path / name, "audio")
    assert stream["codec_name"] == codec
    assert any("sound became" in note and "flac" in note for note in notes)
    length = float(ffmpeg.probe(tmp_path / name)["format"]["duration"])
    assert length == pytest.approx(0.8, abs=0.1)


def test_without_sound(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    notes = pass_through(clip("a.mp4", sound=True), tmp_path / "out.mp4", audio=False)
    assert [each["codec_type"] for each in ffmpeg.probe(tmp_path / "out.mp4")["streams"]] == ["video"]
    assert "1 stream of sound left out, as asked" in notes


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv", "out.avi"])
def test_rotation(degrees: int, name: str, clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    plain = clip("a.mp4", "-c:v", "libx264", "-qp", 1, frames=5)
    source = tmp_path / "turned.mp4"
    ffmpeg.make("-i", plain, "-c", "copy", "-metadata:s:v", f"rotate={degrees}", source)
    film = open_film(source, "it")
    upright = ffmpeg.rgb(source)
    assert (film.info.height, film.info.width) == upright.shape[1:3]
    for frame, shown in zip(film.frames(), upright, strict=True):
        assert np.abs(frame.canvas.reduced(film.info.width, film.info.height).astype(int) - shown).mean() < 3
        region = Region(5, 7, 30, 40)
        assert np.abs(frame.canvas.take(region).astype(int) - shown[region.slices]).mean() < 6
    target = tmp_path / name
    notes = pass_through(source, target)
    assert np.abs(ffmpeg.rgb(target).astype(int) - upright).mean() < 4 or name == "out.mkv"
    sizes = [(ffmpeg.stream(path)["width"], ffmpeg.stream(path)["height"]) for path in (source, target)]
    turned = name == "out.avi" and degrees in (90, 270)
    assert sizes[1] == (sizes[0][::-1] if turned else sizes[0])
    assert any("turned upright" in note for note in notes) == (name == "out.avi" and degrees != 0)
    again = open_film(target, "it")
    assert (again.info.width, again.info.height) == (film.info.width, film.info.height)
    for frame, shown in zip(again.frames(), upright, strict=True):
        assert np.abs(frame.canvas.reduced(again.info.width, again.info.height).astype(int) - shown).mean() < 4


def test_writing_on_a_turned_film(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    plain = clip("a.mp4", "-c:v", "libx264", "-qp", 1, "-pix_fmt", "yuv444p", frames=2)
    source, target = tmp_path / "turned.mp4", tmp_path / "out.mp4"
    ffmpeg.make("-i", plain, "-c", "copy", "-metadata:s:v", "rotate=90", source)
    film = open_film(source, "it")
    sink = FilmFileSink(film, target, FilmOptions(crf=1))
    region = Region(3, 9, 21, 30)
    for frame in film.frames():
        green = np.zeros((21, 18, 3), np.uint8)
        green[..., 1] = 255
        frame.canvas.put(region, green, np.ones((21, 18), np.bool_))
        sink.write(frame)
    sink.finish()
    for shown, before in zip(ffmpeg.rgb(target), ffmpeg.rgb(source), strict=True):
        assert np.abs(shown[region.slices].astype(int) - [0, 255, 0]).mean() < 6
        outside = np.ones(shown.shape[:2], np.bool_)
        outside[6:33, :24] = False
        assert np.abs(shown[outside].astype(int) - before[outside]).mean() < 3


@pytest.mark.parametrize(
    "tags",
    [
        ("bt709", "bt709", "bt709", "tv"),
        ("smpte170m", "smpte170m", "smpte170m", "pc"),
        ("bt2020nc", "bt2020", "arib-std-b67", "tv"),
    ],
)
@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.webm"])
def test_colour_tags(tags: tuple[str, str, str, str], name: str, clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    matrix, primaries, transfer, levels = tags
    told = ["-colorspace", matrix, "-color_primaries", primaries, "-color_trc", transfer, "-color_range", levels]
    source = clip("a.mp4", "-c:v", "libx264", *told)
    pass_through(source, tmp_path / name)
    before, after = ffmpeg.stream(source), ffmpeg.stream(tmp_path / name)
    for key in ("color_space", "color_primaries", "color_transfer", "color_range"):
        assert after[key] == before[key], key


def test_aspect_ratio(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.mp4", "-c:v", "libx264", "-vf", "setsar=16/11")
    for name in ("out.mp4", "out.mkv", "out.avi", "out.mov"):
        pass_through(source, tmp_path / name)
        assert ffmpeg.stream(tmp_path / name)["sample_aspect_ratio"] == "16:11", name
    pass_through(source, tmp_path / "vp9.mp4", codec="vp9")
    assert ffmpeg.stream(tmp_path / "vp9.mp4")["sample_aspect_ratio"] == "16:11"
    assert any("pixels of 16:11 are shown square" in note for note in pass_through(source, tmp_path / "out.webm"))


def test_varying_rate(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.mp4", "-vf", "setpts='(N+floor(N/3)*2)/25/TB'", "-vsync", "vfr", "-c:v", "libx264", frames=30)
    times = ffmpeg.times(source)
    for name, codec in itertools.product(("out.mp4", "out.mkv"), ("h264", "mpeg4", "hevc", "av1", "vp9")):
        pass_through(source, tmp_path / name, overwrite=True, codec=codec)
        assert ffmpeg.times(tmp_path / name) == pytest.approx(times, abs=1e-6 if name == "out.mp4" else 0.0011), codec


def test_ten_bits_stay(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-vf", "geq=lum='64+X*4+N':cb=512:cr=512")
    levels = {
        int(value)
        for frame in open_film(source, "it").frames()
        for value in np.unique(frame.canvas.take(Region(0, 0, 64, 48)))
    }
    assert len(levels) > 100
    pass_through(source, tmp_path / "out.mp4", codec="hevc")
    assert ffmpeg.stream(tmp_path / "out.mp4")["pix_fmt"] == "yuv420p10le"


def test_hdr10(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    light = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,500):max-cll=1000,400"
    told = [
        "-colorspace",
        "bt2020nc",
        "-color_primaries",
        "bt2020",
        "-color_trc",
        "smpte2084",
        "-pix_fmt",
        "yuv420p10le",
    ]
    source = clip("a.mp4", "-c:v", "libx265", *told, "-x265-params", f"log-level=none:hdr10=1:{light}")

    def side(path: Path) -> list[dict[str, object]]:
        frames = ffmpeg.probe(path, "-select_streams", "v:0", "-show_frames", "-read_intervals", "%+#1")["frames"]
        named = ("Mastering display metadata", "Content light level metadata")
        return [each for each in frames[0]["side_data_list"] if each["side_data_type"] in named]

    assert len(side(source)) == 2
    for name, codec in (("out.mp4", "hevc"), ("out.mkv", "hevc"), ("av1.mp4", "av1")):
        pass_through(source, tmp_path / name, codec=codec)
        assert ffmpeg.stream(tmp_path / name)["color_transfer"] == "smpte2084"
        assert open_film(tmp_path / name, "it").facts.hdr.light == (1000, 400)
        if codec == "hevc":
            assert side(tmp_path / name) == side(source)


@pytest.mark.parametrize(("size", "becomes"), [("65x37", (66, 38)), ("64x37", (64, 38))])
def test_odd_sizes(size: str, becomes: tuple[int, int], clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.webm", "-c:v", "libvpx-vp9", "-cpu-used", 8, size=size, frames=5)
    assert pass_through(source, tmp_path / "out.webm") == ()
    assert ffmpeg.stream(tmp_path / "out.webm")["width"] == int(size[:2])
    notes = pass_through(source, tmp_path / "out.mp4", codec="h264")
    stream = ffmpeg.stream(tmp_path / "out.mp4")
    assert (stream["width"], stream["height"]) == becomes
    assert any("even sides only" in note for note in notes)


@pytest.mark.parametrize("codec", ["h264", "mpeg4"])
def test_interlaced(codec: str, clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    fields = ["-vf", "tinterlace=interleave_top", "-flags", "+ildct+ilme", "-x264opts", "tff=1"]
    source = clip("a.mp4", *fields, "-c:v", "libx264", size="64x64", frames=10)
    assert open_film(source, "it").facts.interlaced
    pass_through(source, tmp_path / "out.mp4", codec=codec)
    frames = ffmpeg.probe(tmp_path / "out.mp4", "-select_streams", "v:0", "-show_frames")["frames"]
    before = ffmpeg.probe(source, "-select_streams", "v:0", "-show_frames")["frames"]
    assert {(frame["interlaced_frame"], frame["top_field_first"]) for frame in frames} == {
        (1, before[0]["top_field_first"])
    }


def test_the_last_frame_is_shown_as_long(clip: Maker, ffmpeg: FFmpeg, tmp_path: Path) -> None:
    source = clip("a.mp4", "-c:v", "libx264", "-bf", 0, rate="10", frames=3)
    pass_through(source, tmp_path / "out.mp4")
    assert float(ffmpeg.stream(tmp_path / "out.mp4")["duration"]) == pytest.approx(0.3)


def test_codecs_go_by_several_names() -> None:
    assert FilmOptions(codec="h265") == FilmOptions(codec="hevc")


class TestRefusals:
    def test_a_codec_the_container_does_not_hold(self, clip: Maker, tmp_path: Path) -> None:
        film = open_film(clip("a.mp4"), "it")
        with pytest.raises(UsageError, match=r"WebM does not hold H\.264; it holds vp9, av1"):
            FilmFileSink(film, tmp_path / "out.webm", FilmOptions(codec="h264"))

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"codec": "h266"}, "no such codec"),
            ({"codec": "h264", "crf": 52}, "between 0 and 51"),
            ({"codec": "h264", "preset": "swift"}, "no such preset of H.264"),
            ({"codec": "ffv1", "crf": 3}, "no quality to choose"),
        ],
    )
    def test_options(self, options: dict[str, object], sentence: str) -> None:
        with pytest.raises(UsageError, match=sentence):
            FilmOptions(**options)  # type: ignore[arg-type]

    def test_an_existing_target_stays(self, clip: Maker, tmp_path: Path) -> None:
        target = tmp_path / "out.mp4"
        target.write_bytes(b"mine")
        with pytest.raises(FilmError, match="exists already"):
            FilmFileSink(open_film(clip("a.mp4"), "it"), target, FilmOptions())
        assert target.read_bytes() == b"mine"
