"""An identifier from what was asked for, and what is refused."""

from pathlib import Path

import pytest
from tests.people import EMBEDDER, TABLE, make_gallery, someone

from clearface.arrays import ByteImage
from clearface.detectors.registry import build_detector
from clearface.errors import GalleryError, ModelError, UsageError
from clearface.gallery.opening import open_gallery
from clearface.recognition.base import KnownFaces
from clearface.recognition.deciding import DecisionRule
from clearface.recognition.identify import Restoring
from clearface.recognition.identify_opening import IdentifyOptions, known_of, opened_recognition


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    return make_gallery(tmp_path_factory.mktemp("gallery"), {"Eileen": [someone(astronaut)]})


def options(place: Path, **changes: object) -> IdentifyOptions:
    told: dict[str, object] = {
        "gallery": place,
        "embedder": EMBEDDER,
        "error_table": place.parent / TABLE,
        "restore": Restoring.NEVER,
    }
    return IdentifyOptions(**(told | changes))  # type: ignore[arg-type]


def test_people_of_a_gallery_are_named(place: Path, astronaut: ByteImage):
    with opened_recognition(options(place)) as recognition:
        (found,) = recognition.identifier(build_detector("centerface")).identify_frame(someone(astronaut))
    assert found.name == "Eileen"


def test_a_gallery_of_the_environment_is_found(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLEARFACE_GALLERY", str(place))
    with opened_recognition(options(place, gallery=None)) as recognition:
        assert isinstance(recognition.known, KnownFaces)
        assert recognition.known.people[0].name == "Eileen"


def refused(kind: type[Exception], words: str, told: IdentifyOptions) -> None:
    with pytest.raises(kind, match=words), opened_recognition(told):
        pass


def test_a_gallery_that_is_not_there_is_not_made(place: Path, tmp_path: Path):
    refused(GalleryError, "there is no gallery yet", options(place, gallery=tmp_path / "none.sqlite"))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_gallery_says_how_to_fill_it(place: Path, tmp_path: Path):
    empty = tmp_path / "empty.sqlite"
    with open_gallery(empty, must_exist=False):
        pass
    refused(GalleryError, "the gallery is empty: `clearface gallery add", options(place, gallery=empty))


def test_another_embedder_is_refused_with_the_command_that_embeds_anew(place: Path, tiny_embedder: Path):
    from clearface.embedders.registry import EmbedderOptions

    told = options(place, embedder="onnx", embedder_options=EmbedderOptions(model=tiny_embedder))
    refused(GalleryError, "clearface gallery reembed --embedder onnx --embedder-model", told)


def test_without_measured_errors_nobody_is_named(place: Path):
    refused((UsageError, ModelError), "measure", options(place, error_table=None))  # type: ignore[arg-type]


def test_a_rate_the_table_cannot_tell_is_refused(place: Path):
    told = options(place, rule=DecisionRule(false_match_rate=1e-7))
    with opened_recognition(told) as recognition, pytest.raises(UsageError, match="cannot be told"):
        recognition.identifier(build_detector("centerface"))


def test_damaged_galleries_are_left_as_they_are(place: Path, tmp_path: Path):
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"SQLite format 3\0" + b"nonsense" * 100)
    before = damaged.read_bytes()
    refused(GalleryError, "damaged.sqlite", options(place, gallery=damaged))
    assert damaged.read_bytes() == before


def test_at_least_one_person_is_told():
    with pytest.raises(UsageError, match="1 person at least"):
        IdentifyOptions(top=0)


def test_few_faces_are_read_at_once(place: Path):
    with open_gallery(place) as gallery:
        assert isinstance(known_of(gallery), KnownFaces)


@pytest.fixture
def tiny_embedder(tmp_path: Path) -> Path:
    """The mean of each channel, as a network."""
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["input"], ["output"], axes=[2, 3], keepdims=0)],
        "means",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3])],
    )
    path = tmp_path / "means.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path
