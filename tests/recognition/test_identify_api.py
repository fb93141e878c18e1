"""Naming the faces of a picture in one call, in whatever form it is held."""

from pathlib import Path

import pytest
from PIL import Image
from tests.people import EMBEDDER, TABLE, make_gallery, save, someone, someone_again

from clearface.arrays import ByteImage
from clearface.errors import GalleryError, UsageError
from clearface.recognition.deciding import DecisionRule
from clearface.recognition.identify_api import identify
from clearface.recognition.identify_opening import IdentifyOptions, opened_recognition


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, astronaut: ByteImage) -> Path:
    return make_gallery(tmp_path_factory.mktemp("gallery"), {"Eileen": [someone(astronaut)]})


def test_every_form_gives_the_same_name(place: Path, astronaut: ByteImage, tmp_path: Path):
    picture = someone_again(astronaut)
    path = save(picture, tmp_path / "again.png")
    for form in (picture, path, str(path), path.read_bytes(), Image.fromarray(picture)):
        (found,) = identify(form, place, restore="never", embedder=EMBEDDER, error_table=place.parent / TABLE)
        assert found.name == "Eileen"
        assert found.after is None


def test_an_identifier_is_kept_and_told_nothing_else(place: Path, astronaut: ByteImage):
    from clearface.detectors.registry import build_detector
    from clearface.recognition.identify import Restoring

    told = IdentifyOptions(place, EMBEDDER, error_table=place.parent / TABLE, restore=Restoring.NEVER)
    with opened_recognition(told) as recognition:
        kept = recognition.identifier(build_detector("centerface"))
    for _ in range(2):
        (found,) = identify(someone(astronaut), kept)
        assert found.name == "Eileen"
    for option in ({"restore": "never"}, {"top": 1}, {"rule": DecisionRule()}, {"embedder": "lbp"}):
        with pytest.raises(UsageError, match="leave the other options out"):
            identify(someone(astronaut), kept, **option)


def test_what_cannot_be_is_refused(place: Path, astronaut: ByteImage, tmp_path: Path):
    with pytest.raises(UsageError, match="restore sometimes"):
        identify(someone(astronaut), place, restore="sometimes")
    with pytest.raises(GalleryError, match="there is no gallery yet"):
        identify(someone(astronaut), tmp_path / "none.sqlite")
    with pytest.raises(TypeError):
        identify(5, place)
