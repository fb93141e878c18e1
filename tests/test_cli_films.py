"""Films on the command line, as people and scripts use them."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from clearface.arrays import ByteImage

TOP = 50
"""Row of the frame at which the head begins."""


Run = Callable[..., Any]
"""Takes arguments as they are typed; answers with `code`, `stdout` and `stderr`."""


def drawn(astronaut: ByteImage, number: int) -> ByteImage:
    """The astronaut's head, 120 pixels wide, moving two pixels a frame over grass."""
    frame = np.repeat(skimage.data.grass()[:240, :320, None], 3, axis=2)
    head = cv2.resize(astronaut[:200, 120:320], (120, 120), interpolation=cv2.INTER_AREA)
    left = left_of(number)
    frame[TOP : TOP + 120, left : left + 120] = head
    return frame


def left_of(number: int) -> int:
    """To and fro."""
    return 20 + 2 * min(number % 80, 80 - number % 80)


def film(path: Path, astronaut: ByteImage, count: int, with_sound: bool = True) -> Path:
    """A film at ten frames a second; in two frames in the middle grass is before the face."""
    with av.open(path, "w") as container:
        picture = container.add_stream("libx264", rate=10)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        picture.options = {"crf": "12", "preset": "ultrafast"}
        sound = container.add_stream("aac", rate=8000, layout="mono") if with_sound else None
        for number in range(count):
            frame = drawn(astronaut, number)
            if number in (7, 8):
                frame[TOP + 15 : TOP + 120, left_of(number) + 20 : left_of(number) + 100] = frame[:105, 240:]
            container.mux(picture.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
            if sound is not None:
                wave = (np.sin(np.arange(800) * 0.3) * 8000).astype(np.int16)
                samples = av.AudioFrame.from_ndarray(wave[None], "s16", "mono")
                samples.sample_rate, samples.pts = 8000, number * 800
                container.mux(sound.encode(samples))
        container.mux(picture.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))
    return path


@pytest.fixture(scope="session")
def short_film(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    return film(tmp_path_factory.mktemp("films") / "short.mp4", astronaut, 16)


def frames(path: Path) -> list[ByteImage]:
    with av.open(path) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def times(path: Path) -> list[float]:
    with av.open(path) as container:
        return [round(float(frame.time), 3) for frame in container.decode(video=0)]


def face_of(frame: ByteImage, number: int) -> ByteImage:
    """Eyes to mouth of the head that `drawn` draws."""
    left = left_of(number)
    return frame[TOP + 45 : TOP + 98, left + 42 : left + 78]


def detail(picture: ByteImage) -> float:
    grey = picture.astype(np.float64).mean(2)
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def test_hide_covers_the_face_in_every_frame_and_leaves_the_rest(run: Run, short_film: Path, tmp_path: Path) -> None:
    output = tmp_path / "hidden.mp4"
    answer = run("hide", short_film, "-o", output)
    assert answer.code == 0, answer.stderr
    assert "1 face hidden in 16 frames" in answer.stdout
    before, after = frames(short_film), frames(output)
    assert times(output) == times(short_film)
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        if number not in (7, 8):
            assert detail(face_of(new, number)) < 0.35 * detail(face_of(old, number))
        assert np.abs(old[:15].astype(int) - new[:15]).mean() < 2
    with av.open(output) as container:
        assert container.streams.audio
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hidden.mp4"]


def test_a_gap_is_hidden_as_well_and_the_list_says_how_it_is_known(run: Run, short_film: Path, tmp_path: Path) -> None:
    output = tmp_path / "hidden.mp4"
    assert run("hide", short_film, "-o", output, "--sidecar").code == 0
    lines = [json.loads(line) for line in output.with_name("hidden.faces.jsonl").read_text().splitlines()]
    assert lines[0]["kind"] == "faces"
    assert [line["frame"] for line in lines[1:]] == list(range(1, 17))
    assert {face["track"] for line in lines[1:] for face in line["faces"]} == {1}
    assert {line["faces"][0]["known"] for line in lines[8:10]} == {"filled"}


def test_what_a_person_changed_in_the_list_is_what_is_hidden(run: Run, short_film: Path, tmp_path: Path) -> None:
    listed = tmp_path / "found.mp4"
    assert run("hide", short_film, "-o", listed, "--sidecar", "--mode", "none").code == 0
    path = tmp_path / "found.faces.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines[1:]:
        for face in line["faces"]:
            face["hide"] = line["frame"] > 4
    lines[5]["faces"].append({"box": [0, 200, 40, 240]})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    output = tmp_path / "corrected.mp4"
    answer = run("hide", short_film, "-o", output, "--from-json", path, "--mode", "solid", "--colour", "red")
    assert answer.code == 0, answer.stderr
    after = frames(output)
    reds = [bool((face_of(frame, number)[..., 0] > 200).mean() > 0.9) for number, frame in enumerate(after)]
    assert reds[:4] == [False] * 4
    assert all(red for number, red in enumerate(reds[4:], 4) if number not in (7, 8))
    corner = [bool((frame[210:230, 10:30][..., 0] > 200).all()) for frame in after]
    assert corner == [number == 4 for number in range(16)]


@pytest.mark.parametrize(
    ("options", "place", "title"),
    [((), False, True), (("--keep-gps",), True, True), (("--metadata", "strip"), False, False)],
)
def test_the_place_is_dropped_unless_it_is_kept(
    run: Run, short_film: Path, tmp_path: Path, options: tuple[str, ...], place: bool, title: bool
) -> None:
    source = tmp_path / "told.mp4"
    with av.open(short_film) as before, av.open(source, "w", options={"movflags": "use_metadata_tags"}) as after:
        after.metadata.update({"title": "Party", "location": "+50.0755+014.4378/"})
        streams = {stream.index: after.add_stream_from_template(stream) for stream in before.streams}
        for packet in before.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                after.mux(packet)
    with av.open(source) as container:
        assert container.metadata["location"].startswith("+50")
    output = tmp_path / "hidden.mp4"
    assert run("hide", source, "-o", output, *options).code == 0
    with av.open(output) as container:
        told = " ".join(container.metadata.values())
    assert ("+50.0755" in told) == place
    assert ("Party" in told) == title
    if not place:
        assert b"+50.07" not in output.read_bytes()


def test_a_face_named_by_number_is_kept(run: Run, short_film: Path, tmp_path: Path) -> None:
    output = tmp_path / "kept.mp4"
    answer = run("hide", short_film, "-o", output, "--keep", "1", "--keep", "5")
    assert answer.code == 0
    assert "0 faces hidden, 1 kept" in answer.stdout
    assert "5" in answer.stdout.split(";", 1)[1]
    assert detail(face_of(frames(output)[0], 0)) > 0.8 * detail(face_of(frames(short_film)[0], 0))


def test_restore_keeps_times_and_sound(run: Run, short_film: Path, tmp_path: Path) -> None:
    output = tmp_path / "restored.mkv"
    answer = run(
        "restore", short_film, "-o", output, "--restorer", "richardson-lucy", "--psf", "gaussian:1", "--crf", "4"
    )
    assert answer.code == 0, answer.stderr
    assert "1 face restored in 16 frames" in answer.stdout
    # Matroska begins at 0, where MP4 lets the sound begin before it: all moves together.
    np.testing.assert_allclose(np.diff(times(output)), np.diff(times(short_film)), atol=1.1e-3)
    assert detail(face_of(frames(output)[0], 0)) > 1.02 * detail(face_of(frames(short_film)[0], 0))
    with av.open(output) as container:
        assert container.streams.audio[0].codec_context.name.startswith("aac")


def test_detect_prints_faces_frame_by_frame_and_draws_them(run: Run, short_film: Path, tmp_path: Path) -> None:
    answer = run("detect", short_film, "--json")
    assert answer.code == 0
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [line["frame"] for line in lines[:3]] == [1, 2, 3]
    assert lines[0]["faces"][0]["track"] == 1
    assert lines[-1]["status"] == "detected"
    assert lines[-1]["tracks"][0]["track"] == 1
    assert len(lines) == 17
    assert list(tmp_path.iterdir()) == []
    assert run("detect", short_film, "-o", tmp_path / "faces.mp4").code == 0
    old, new = frames(short_film)[3], frames(tmp_path / "faces.mp4")[3]
    yellow = (new[..., 0] > 180) & (new[..., 1] > 130) & (new[..., 2] < 110)
    assert yellow.sum() > 5 * ((old[..., 0] > 180) & (old[..., 1] > 130) & (old[..., 2] < 110)).sum() + 50


def test_photos_and_films_of_a_folder_are_done_in_one_go(
    run: Run, short_film: Path, portrait: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "both"
    folder.mkdir()
    (folder / "film.MP4").write_bytes(short_film.read_bytes())
    (folder / "photo.jpg").write_bytes(portrait.read_bytes())
    answer = run("hide", folder, "-o", tmp_path / "out")
    assert answer.code == 0, answer.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["film.MP4", "photo.jpg"]
    again = run("hide", folder, "-o", tmp_path / "out")
    assert again.code == 1
    assert "2 of 2 failed" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("restore", "--aligned"), "--aligned can be had for photos only"),
        (("restore", "--confidence"), "--confidence can be had for photos only"),
        (("hide", "--codec", "h266"), "h266"),
        (("hide", "--raw", "640"), "--raw 640"),
        (("hide", "--fill", "-1"), "--fill"),
        (("hide", "--shape", "circle"), "shape"),
        (("hide", "--mode", "blurr"), "blur"),
        (("hide", "--keep", "1", "--only", "2"), "not both"),
        (("hide", "--from-json", "nowhere.jsonl"), "nowhere.jsonl"),
        (("hide", "--tracker", "two-steps"), "two-step"),
    ],
)
def test_options_that_cannot_be_are_refused_in_a_sentence(
    run: Run, short_film: Path, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    command, *options = arguments
    answer = run(command, short_film, "-o", tmp_path / "out.mp4", *options)
    assert answer.code in (1, 2)
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options", [("--codec", "h264"), ("--crf", "20"), ("--no-audio",), ("--resume",), ("--fill", "2"), ("--raw", "8x8")]
)
def test_options_of_films_are_refused_where_there_is_none(
    run: Run, portrait: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    answer = run("hide", portrait, "-o", tmp_path / "out.jpg", *options)
    assert answer.code == 2
    assert f"{options[0]} can be had for videos only" in answer.stderr
    assert not (tmp_path / "out.jpg").exists()


@pytest.mark.parametrize("command", ["restore", "detect", "hide"])
def test_the_list_of_faces_of_a_photo_can_be_hidden_by(run: Run, portrait: Path, tmp_path: Path, command: str) -> None:
    options = ("--restorer", "identity") if command == "restore" else ()
    assert run(command, portrait, "-o", tmp_path / "told.png", "--sidecar", *options).code == 0
    told = tmp_path / "told.faces.jsonl"
    header, frame = (json.loads(line) for line in told.read_text().splitlines())
    assert (header["width"], header["height"], header["rate"]) == (300, 300, None)
    assert len(frame["faces"]) == 1
    refused = run("hide", portrait, "-o", tmp_path / "hidden.png", "--from-json", told, "--threshold", "0.5")
    assert refused.code == 2
    answer = run("hide", portrait, "-o", tmp_path / "hidden.png", "--from-json", told)
    assert answer.code == 0, answer.stderr
    assert "1 face hidden" in answer.stdout


@pytest.mark.parametrize("name", ["out.jpg", "out.wmv"])
def test_a_film_becomes_no_photo_and_nothing_that_is_not_written(
    run: Run, short_film: Path, tmp_path: Path, name: str
) -> None:
    answer = run("hide", short_film, "-o", tmp_path / name)
    assert answer.code == 1
    assert name in answer.stderr
    assert ".mp4" in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_photo_becomes_no_film(run: Run, portrait: Path, tmp_path: Path) -> None:
    answer = run("hide", portrait, "-o", tmp_path / "out.mkv")
    assert answer.code == 1
    assert not (tmp_path / "out.mkv").exists()


def test_output_equal_to_input_is_refused(run: Run, short_film: Path, tmp_path: Path) -> None:
    copy = tmp_path / "film.mp4"
    copy.write_bytes(short_film.read_bytes())
    answer = run("hide", copy, "-o", copy, "--existing", "overwrite")
    assert answer.code == 1
    assert copy.read_bytes() == short_film.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_camera_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    answer = run("hide", "camera:87", "-o", tmp_path / "out.mp4")
    assert answer.code == 1
    assert "camera" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_raw_frames_go_through_a_pipe(astronaut: ByteImage) -> None:
    data = b"".join(drawn(astronaut, number).tobytes() for number in range(6))
    command = [sys.executable, "-m", "clearface", "hide", "-", "-o", "-", "--raw", "320x240@10", "--mode", "solid"]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) == len(data)
    hidden = np.frombuffer(done.stdout, np.uint8).reshape(6, 240, 320, 3)
    for number, frame in enumerate(hidden):
        assert face_of(frame, number).max() < 5
        np.testing.assert_array_equal(frame[:10], drawn(astronaut, number)[:10])


def test_a_gif_can_become_a_film(run: Run, tmp_path: Path, astronaut: ByteImage) -> None:
    path = tmp_path / "film.gif"
    first, *rest = [Image.fromarray(drawn(astronaut, number)) for number in range(6)]
    first.save(path, save_all=True, append_images=rest, duration=120, loop=0)
    output = tmp_path / "film.mp4"
    answer = run("hide", path, "-o", output)
    assert answer.code == 0, answer.stderr
    assert times(output) == [round(0.12 * number, 3) for number in range(6)]
    assert run("hide", path, "-o", tmp_path / "hidden.gif").code == 0
    with Image.open(tmp_path / "hidden.gif") as image:
        assert getattr(image, "n_frames", 1) == 6
        assert image.info["duration"] == 120


def test_what_is_clear_in_a_gif_is_white_in_a_film(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "clear.gif"
    pictures = []
    for place in (20, 40):
        picture = np.zeros((64, 96, 4), np.uint8)
        picture[16:48, place : place + 24] = (200, 30, 30, 255)
        pictures.append(Image.fromarray(picture))
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, loop=0, disposal=2)
    output = tmp_path / "clear.mp4"
    assert run("hide", path, "-o", output).code == 0
    first = frames(output)[0]
    assert first[2:10, 2:10].min() > 240
    assert first[30, 30, 0] > 150
    assert first[30, 30, 1] < 90


def stopped_in_the_middle(command: list[str], work_folder: Path) -> subprocess.CompletedProcess[str]:
    """Presses Ctrl-C once some of the film is written."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        parts = sum(path.stat().st_size for path in work_folder.glob("part-*")) if work_folder.is_dir() else 0
        if parts > 30_000:
            process.send_signal(signal.SIGINT)
            break
        time.sleep(0.02)
    stdout, stderr = process.communicate(timeout=120)
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_control_c_leaves_what_can_be_played_and_resume_goes_on(run: Run, tmp_path: Path, astronaut: ByteImage) -> None:
    source = film(tmp_path / "long.mp4", astronaut, 300)
    output = tmp_path / "out.mp4"
    command = [sys.executable, "-m", "clearface", "hide", str(source), "-o", str(output), "--sidecar"]
    ended = stopped_in_the_middle(command, tmp_path / ".out.mp4.clearface-part")
    assert ended.returncode == 130, ended.stderr
    assert "--resume" in ended.stderr
    assert not output.exists()
    assert not (tmp_path / "out.faces.jsonl").exists()
    played = times(tmp_path / "out.unfinished.mp4")
    assert 0 < len(played) < 300
    assert played == times(source)[: len(played)]
    refused = run("hide", source, "-o", output, "--sidecar")
    assert refused.code == 1
    assert "--resume" in refused.stderr
    other = run("hide", source, "-o", output, "--sidecar", "--mode", "solid", "--resume")
    assert other.code == 1
    assert not output.exists()
    answer = run("hide", source, "-o", output, "--sidecar", "--resume")
    assert answer.code == 0, answer.stderr
    assert times(output) == times(source)
    listed = [json.loads(line) for line in (tmp_path / "out.faces.jsonl").read_text().splitlines()[1:]]
    assert [line["frame"] for line in listed] == list(range(1, 301))
    assert {face["track"] for line in listed for face in line["faces"]} == {1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.mp4", "out.faces.jsonl", "out.mp4"]


def test_a_film_on_standard_input_is_told_apart(short_film: Path) -> None:
    command = [sys.executable, "-m", "clearface", "hide", "-"]
    done = subprocess.run(command, input=short_film.read_bytes(), capture_output=True, check=False)
    assert done.returncode == 1
    assert b"video" in done.stderr
    assert io.BytesIO(done.stdout).read() == b""
