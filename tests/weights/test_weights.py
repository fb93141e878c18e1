"""The index of what ships."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from clearface.arrays import ByteImage
from clearface.evaluate.metrics.niqe_models import read_pristine_model
from clearface.recognition.deciding import DEFAULT_FALSE_MATCH_RATE
from clearface.recognition.error_tables import read_error_table
from clearface.restorers.smfd.description import DETAILED_FILE, FAITHFUL_FILE, KERNEL_FILE, READER_FILE
from clearface.restorers.smfd.smfd import Smfd
from clearface.weights import ShippedWeights, checksum, shipped_weights, verify_weight, weight_path
from clearface.weights.index import update_index


def test_every_file_in_the_folder_is_listed_once() -> None:
    listed = [weight.file for weight in shipped_weights()]
    files = {path.name for path in weight_path("index.json").parent.iterdir() if path.suffix in (".onnx", ".json")}
    assert sorted(listed) == sorted(files - {"index.json"})


@pytest.mark.parametrize("weight", shipped_weights(), ids=lambda weight: weight.file)
def test_every_file_is_intact_valid_and_described(weight: ShippedWeights) -> None:
    path = weight_path(weight.file)
    assert verify_weight(weight)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == weight.sha256
    assert weight.kind in ("detector", "embedder", "restorer", "metric")
    assert all((weight.name, weight.licence, weight.source, weight.summary))
    assert path.with_suffix(".md").read_text(encoding="utf-8").startswith("# ")
    if weight.kind == "metric":
        assert np.isfinite(read_pristine_model(path).covariance).all()
    elif path.suffix == ".json":
        assert read_error_table(path).least_false_match_rate <= DEFAULT_FALSE_MATCH_RATE
    else:
        onnx.checker.check_model(str(path))


def test_another_checksum_or_size_is_noticed() -> None:
    weight = shipped_weights()[0]
    assert not verify_weight(replace(weight, sha256="0" * 64))
    assert not verify_weight(replace(weight, bytes=weight.bytes + 1))
    assert not verify_weight(replace(weight, file="gone.onnx"))


def test_a_checksum_is_that_of_hashlib_beyond_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "large"
    content = bytes(range(256)) * 10_001
    path.write_bytes(content)
    assert checksum(path) == hashlib.sha256(content).hexdigest()


def test_updating_the_index_fills_in_size_and_checksum(tmp_path: Path) -> None:
    (tmp_path / "new.onnx").write_bytes(b"network")
    index = tmp_path / "index.json"
    index.write_text(json.dumps([{"file": "new.onnx", "name": "neu", "licence": "Größe"}]), encoding="utf-8")
    update_index(index)
    (entry,) = json.loads(index.read_text(encoding="utf-8"))
    assert entry == {
        "file": "new.onnx",
        "name": "neu",
        "licence": "Größe",
        "sha256": hashlib.sha256(b"network").hexdigest(),
        "bytes": 7,
    }


def test_updating_the_shipped_index_changes_nothing(tmp_path: Path) -> None:
    for weight in shipped_weights():
        (tmp_path / weight.file).symlink_to(weight_path(weight.file))
    copied = tmp_path / "index.json"
    copied.write_bytes(weight_path("index.json").read_bytes())
    update_index(copied)
    assert copied.read_bytes() == weight_path("index.json").read_bytes()


def test_a_missing_network_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    index = tmp_path / "index.json"
    index.write_text('[{"file": "gone.onnx"}]', encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        update_index(index)
    assert index.read_text(encoding="utf-8") == '[{"file": "gone.onnx"}]'


SMFD_FILES = (READER_FILE, KERNEL_FILE, FAITHFUL_FILE, DETAILED_FILE)


def test_the_default_restorer_ships_with_both_sets_of_weights(astronaut: ByteImage) -> None:
    """Together they are small, and fidelity moves what comes out from the one to the other."""
    assert sum(weight_path(file).stat().st_size for file in SMFD_FILES) <= 25e6
    assert {weight.file for weight in shipped_weights() if weight.name == "smfd"} == set(SMFD_FILES)
    blurred = cv2.blur(astronaut[30:190, 145:305], (7, 7))[None].astype(np.float32) / np.float32(255)
    detailed, between, faithful = (
        Smfd(fidelity=fidelity, restore_anyway=True).restore(blurred).faces for fidelity in (0.0, 0.5, 1.0)
    )
    whole = np.abs(detailed - faithful).mean()
    assert whole > 0.5 / 255
    assert np.abs(detailed - between).mean() == pytest.approx(whole / 2, rel=0.01)
    assert np.abs(between - faithful).mean() == pytest.approx(whole / 2, rel=0.01)
