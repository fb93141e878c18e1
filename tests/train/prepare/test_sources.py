"""Photos and their masks, found by layout and by name."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearface.errors import PhotoError, UsageError
from clearface.masks import CELEBAMASK_PARTS, MASK_SCHEMES, UNKNOWN, FaceClass, colour_mask
from clearface.train.prepare.mask_files import read_mask
from clearface.train.prepare.sources import MaskParts, WholeMask, find_sources


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def save_values(path: Path, values: np.ndarray, palette: bool = True) -> WholeMask:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(values.astype(np.uint8))
    if palette:
        image.putpalette([(37 * index) % 256 for index in range(768)])
    image.save(path)
    return WholeMask(path)


def test_masks_are_paired_by_name_and_by_place(tmp_path: Path) -> None:
    photos, masks = tmp_path / "p", tmp_path / "m"
    touch(photos / "a.jpg", photos / "one" / "b.png", photos / "two" / "b.png", photos / "c.jpg", photos / "text.txt")
    touch(masks / "elsewhere" / "a.png", masks / "one" / "b.png", masks / "two" / "b.png")
    found = find_sources([str(photos)], masks, tmp_path / "out")
    assert {photo.name: photo.mask for photo in found.photos} == {
        "p/a.jpg": WholeMask(masks / "elsewhere" / "a.png"),
        "p/c.jpg": None,
        "p/one/b.png": WholeMask(masks / "one" / "b.png"),
        "p/two/b.png": WholeMask(masks / "two" / "b.png"),
    }


def test_masks_inside_the_photos_are_no_photos(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "labels" / "a.png")
    found = find_sources([str(tmp_path)], tmp_path / "labels", tmp_path / "out")
    assert [photo.path.name for photo in found.photos] == ["a.jpg"]


def test_images_beside_masks_are_known(tmp_path: Path) -> None:
    touch(tmp_path / "images" / "7.jpg", tmp_path / "images" / "8.jpg", tmp_path / "masks" / "7.png")
    found = find_sources([str(tmp_path)], None, tmp_path / "out")
    assert [photo.mask for photo in found.photos] == [WholeMask(tmp_path / "masks" / "7.png"), None]


def test_celebamask_hq_as_published_is_known(tmp_path: Path) -> None:
    root = tmp_path / "CelebAMask-HQ-mask-anno"
    touch(
        tmp_path / "CelebA-HQ-img" / "1.jpg",
        tmp_path / "CelebA-HQ-img" / "2001.jpg",
        tmp_path / "CelebA-HQ-img" / "9.jpg",
    )
    touch(root / "0" / "00001_skin.png", root / "0" / "00001_hair.png", root / "1" / "02001_nose.png")
    found = {photo.path.name: photo.mask for photo in find_sources([str(tmp_path)], None, tmp_path / "out").photos}
    assert found == {
        "1.jpg": MaskParts((("skin", root / "0" / "00001_skin.png"), ("hair", root / "0" / "00001_hair.png"))),
        "2001.jpg": MaskParts((("nose", root / "1" / "02001_nose.png"),)),
        "9.jpg": None,
    }


def test_parts_are_painted_one_over_the_other(tmp_path: Path) -> None:
    columns = np.arange(10)
    reach = {"skin": (0, 8), "hair": (6, 10), "l_eye": (1, 3), "eye_g": (0, 3)}
    parts = []
    for name in (part for part in CELEBAMASK_PARTS if part in reach):
        white = np.repeat(((columns >= reach[name][0]) & (columns < reach[name][1]))[None] * 255, 4, 0)
        picture = Image.fromarray(white.astype(np.uint8)).convert("RGB")
        picture.save(tmp_path / f"{name}.png")
        parts.append((name, tmp_path / f"{name}.png"))
    mask = read_mask(MaskParts(tuple(parts)), "celebamask-hq")
    skin, eyes, glasses, hair = FaceClass.SKIN, FaceClass.EYES, FaceClass.GLASSES, FaceClass.HAIR
    assert mask[0].tolist() == [glasses, eyes, eyes, skin, skin, skin, hair, hair, hair, hair]


def test_palette_indices_become_classes(tmp_path: Path) -> None:
    values = np.arange(19)[None].repeat(3, 0)
    for palette in (True, False):
        mask = read_mask(save_values(tmp_path / "m.png", values, palette), "celebamask-hq")
        expected = [0, 1, 5, 4, 3, 3, 2, 2, 10, 10, 6, 7, 8, 9, 10, 10, 10, 10, 10]
        assert mask[0].tolist() == expected


def test_unknown_stays_unknown_in_every_scheme(tmp_path: Path) -> None:
    source = save_values(tmp_path / "m.png", np.array([[0, 1, 255]]), palette=False)
    for scheme in MASK_SCHEMES:
        assert read_mask(source, scheme).tolist() == [[0, 1, UNKNOWN]]


def test_masks_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="holds the value 19"):
        read_mask(save_values(tmp_path / "strange.png", np.full((3, 3), 19)), "celebamask-hq")
    Image.new("RGB", (4, 4), "red").save(tmp_path / "colour.png")
    with pytest.raises(PhotoError, match="RGB"):
        read_mask(WholeMask(tmp_path / "colour.png"), "clearface")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(PhotoError, match="cannot be read as a mask"):
        read_mask(WholeMask(tmp_path / "broken.png"), "clearface")


def test_a_folder_without_masks_and_names_that_clash_are_refused(tmp_path: Path) -> None:
    touch(tmp_path / "one" / "x" / "a.jpg", tmp_path / "two" / "x" / "a.jpg", tmp_path / "empty" / "no.txt")
    with pytest.raises(UsageError, match="no masks"):
        find_sources([str(tmp_path / "one")], tmp_path / "empty", tmp_path / "out")
    with pytest.raises(UsageError, match="both be called"):
        find_sources([str(tmp_path / "one" / "x"), str(tmp_path / "two" / "x")], None, tmp_path / "out")


def test_each_class_has_a_colour_of_its_own() -> None:
    mask = np.array([[*FaceClass, UNKNOWN]], np.uint8)
    assert len({tuple(colour) for colour in colour_mask(mask)[0]}) == 12
