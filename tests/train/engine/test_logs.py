"""CSV files, event files and picture sheets, read back by other means."""

import csv
from pathlib import Path

import cv2
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.tensorflow_stub.errors import OutOfRangeError
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

from clearface.train.engine.logs import CsvLog, TensorBoardLog, picture_sheet


def events(folder: Path) -> list[Event]:
    """All events of a folder, by TensorBoard's own reader, which checks their sums too."""
    found = []
    for path in sorted(folder.iterdir()):
        reader = PyRecordReader_New(str(path))
        while True:
            try:
                reader.GetNext()
            except OutOfRangeError:
                break
            found.append(Event.FromString(reader.record()))
    return found


def test_tensorboard_reads_numbers_and_pictures(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    with TensorBoardLog(tmp_path, after=40) as log:
        log.write_numbers(50, {"train/loss": 0.25, "train/error": 2.0})
        log.write_picture(60, "pictures", picture)
    version, start, numbers, image = events(tmp_path)
    assert version.file_version == "brain.Event:2"
    assert (start.step, start.session_log.status) == (41, SessionLog.START)
    assert numbers.step == 50
    assert {value.tag: value.simple_value for value in numbers.summary.value} == {"train/loss": 0.25, "train/error": 2}
    (shown,) = image.summary.value
    assert (shown.image.height, shown.image.width) == (5, 7)
    decoded = cv2.imdecode(np.frombuffer(shown.image.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    np.testing.assert_array_equal(decoded[..., ::-1], picture)


def test_a_resumed_csv_forgets_what_is_about_to_happen_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    first = CsvLog(path, after=0)
    for step in (10, 20, 30):
        first.write(step, {"loss": step / 7, "faces": step * 3})
    CsvLog(path, after=20).write(30, {"loss": 0.5, "faces": 90})
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["10", "20", "30"]
    assert rows[0] == {"step": "10", "loss": "1.42857", "faces": "30"}
    assert rows[2]["loss"] == "0.5"
    CsvLog(path, after=0).write(5, {"other": 1})
    assert path.read_text() == "step,other\n5,1\n"


def test_a_sheet_has_a_face_a_row() -> None:
    columns = [np.full((3, 4, 5, 3), value, np.uint8) for value in (10, 20)]
    columns[1][2] = 99
    sheet = picture_sheet(columns)
    assert sheet.shape == (3 * 4 + 2 * 2, 2 * 5 + 2, 3)
    assert (sheet[:4, :5] == 10).all()
    assert (sheet[:4, 5:7] == 0).all()
    assert (sheet[:4, 7:] == 20).all()
    assert (sheet[12:, 7:] == 99).all()
