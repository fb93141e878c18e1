"""Faces of photo files are hidden, and nothing of the result shows them: not its pixels, and not what lies beside them."""

import base64
import json
import shutil
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from struct import pack
from typing import Any

import numpy as np
import piexif
import pytest
import tifffile
from PIL import Image

from clearface.batch import PhotoOptions
from clearface.choosing import FaceChoice
from clearface.detectors.selection import FaceSelection
from clearface.errors import PhotoError, UsageError
from clearface.faces import Box, Face, upright_face
from clearface.files.inputs import InputFile
from clearface.files.outputs import ExistingPolicy, PlannedOutput
from clearface.hiding import FaceHider, HideStyle
from clearface.photo_hiding import PhotoHiding, hide_file, hide_photo
from clearface.photos.decode import read_photo
from clearface.report import Status
from clearface.sidecars import SidecarHeader, read_sidecar, sidecar_lines
from clearface.steps import Step

MARKER = b"PLANTED-FACE"
FACE = Box(40.0, 30.0, 80.0, 80.0)
SOLID = HideStyle("solid", shape="box", scale=1.0, feather=0.0, colour="#000000")


class Patches:
    """Finds the bright red patch of a picture, as a face; None is found where none is."""

    name = "patches"

    def __init__(self) -> None:
        self.shown = 0

    def detect(self, image: Any) -> list[Face]:
        self.shown += 1
        red = (image[..., 0] > 180) & (image[..., 1] < 90) & (image[..., 2] < 90)
        rows, columns = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
        if rows.size < 8:
            return []
        return [upright_face(Box(float(columns[0]), float(rows[0]), columns[-1] + 1.0, rows[-1] + 1.0), 0.9)]


@pytest.fixture
def hiding() -> PhotoHiding:
    return PhotoHiding(Patches(), FaceHider(SOLID, 3))


def picture(dtype: Any = np.uint8, where: Box | None = FACE) -> Any:
    """Green, with a red patch for a face."""
    top = np.iinfo(dtype).max
    pixels = np.full((120, 160, 3), (0, top // 2, 0), dtype)
    if where is not None:
        pixels[int(where.top) : int(where.bottom), int(where.left) : int(where.right)] = (top, 0, 0)
    return pixels


def saved(kind: str, pixels: Any = None, **options: Any) -> bytes:
    out = BytesIO()
    Image.fromarray(picture() if pixels is None else pixels).save(out, kind, **options)
    return out.getvalue()


def opened(stream: BytesIO) -> Any:
    """By Pillow, whose kinds of file have attributes of their own."""
    return Image.open(stream)


def read_again(data: bytes) -> Any:
    return read_photo(data, "result")


def red_share(pixels: Any) -> float:
    values = np.asarray(pixels, np.float64)[..., :3] / np.iinfo(np.asarray(pixels).dtype).max
    return float(((values[..., 0] > 0.6) & (values[..., 1] < 0.4)).mean())


def streams_in(data: bytes) -> int:
    """How many encoded pictures begin anywhere in a file, by the first bytes of each kind, plain or in base64."""
    starts = [b"\xff\xd8\xff", b"\x89PNG\r\n", b"ftyp", b"WEBPVP8", b"/9j/", b"iVBORw0", b"Z0eX", b"moov"]
    return sum(data.count(start) for start in starts)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF"])
def test_a_face_is_hidden_in_every_kind_of_photo(hiding, kind):
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = saved(kind)
    hidden = hide_photo(data, "photo", None, hiding, PhotoOptions())
    assert (len(hidden.faces), hidden.faces[0].hidden) == (1, True)
    again = np.asarray(opened(BytesIO(hidden.encoded)).convert("RGB"))
    before = np.asarray(opened(BytesIO(data)).convert("RGB"))
    assert red_share(before) > 0.08
    assert red_share(again) < 0.005
    assert again[50, 60].max() < 40
    outside = np.abs(again[:20].astype(int) - before[:20])
    assert outside.max() <= (8 if kind in ("JPEG", "AVIF", "HEIF", "WEBP") else 0)
    assert "1 face hidden in" in hidden.report("a", "b").as_sentence()


def test_pixels_outside_the_mask_stay_as_they_are(hiding):
    noise = np.random.default_rng(0).integers(0, 100, (120, 160, 3), np.uint8)
    noise[30:80, 40:80] = (255, 0, 0)
    hidden = hide_photo(saved("PNG", noise), "photo", None, hiding, PhotoOptions())
    again = np.asarray(opened(BytesIO(hidden.encoded)))
    changed = (again != noise).any(2)
    assert changed[30:80, 40:80].all()
    changed[29:81, 39:81] = False
    assert not changed.any()


def test_sixteen_bits_stay_sixteen(hiding):
    out = BytesIO()
    tifffile.imwrite(out, picture(np.uint16), photometric="rgb")
    hidden = hide_photo(out.getvalue(), "photo", None, hiding, PhotoOptions())
    again = tifffile.imread(BytesIO(hidden.encoded))
    assert again.dtype == np.uint16
    assert red_share(again) == 0
    assert tuple(again[0, 0]) == (0, 32767, 0)


def test_colours_below_full_transparency_are_hidden_and_alpha_kept(hiding):
    alpha = np.zeros((120, 160), np.uint8)
    alpha[:, :20] = np.arange(120, dtype=np.uint8)[:, None]
    data = saved("PNG", np.dstack([picture(), alpha]))
    hidden = hide_photo(data, "photo", None, hiding, PhotoOptions())
    again = np.asarray(opened(BytesIO(hidden.encoded)))
    assert again.shape == (120, 160, 4)
    assert np.array_equal(again[..., 3], alpha)
    assert red_share(again) == 0


class Brightness:
    """Finds whatever of a picture is neither as its corner nor nearly so."""

    name = "brightness"

    def detect(self, image: Any) -> list[Face]:
        apart = np.abs(image.astype(int) - image[0, 0]).max(2) > 60
        rows, columns = np.flatnonzero(apart.any(1)), np.flatnonzero(apart.any(0))
        if rows.size < 8:
            return []
        return [
            Face(
                Box(float(columns[0]), float(rows[0]), columns[-1] + 1.0, rows[-1] + 1.0),
                0.9,
                upright_face(FACE).landmarks,
            )
        ]


def test_a_face_drawn_by_transparency_alone_is_hidden():
    alpha = np.full((120, 160), 255, np.uint8)
    alpha[30:80, 40:80] = np.random.default_rng(0).integers(0, 150, (50, 40), np.uint8)
    data = saved("PNG", np.dstack([np.full((120, 160, 3), 40, np.uint8), alpha]))
    hidden = hide_photo(data, "photo", None, PhotoHiding(Brightness(), FaceHider(SOLID, 3)), PhotoOptions())
    again = np.asarray(opened(BytesIO(hidden.encoded)))[..., 3]
    assert len(np.unique(again[32:78, 42:78])) == 1
    assert np.array_equal(again[:25], alpha[:25])


def test_every_page_and_every_moment_is_hidden(hiding):
    out = BytesIO()
    with tifffile.TiffWriter(out) as writer:
        for left in (10.0, 50.0, 90.0):
            writer.write(picture(where=Box(left, 30.0, left + 30, 80.0)), photometric="rgb")
    hidden = hide_photo(out.getvalue(), "photo", None, hiding, PhotoOptions())
    assert [face.frame for face in hidden.faces] == [1, 2, 3]
    pages = tifffile.imread(BytesIO(hidden.encoded))
    assert len(pages) == 3
    assert red_share(pages) == 0
    frames = [Image.fromarray(picture(where=Box(left, 30.0, left + 30, 80.0))) for left in (10.0, 50.0, 90.0)]
    for kind in ("GIF", "WEBP", "PNG"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = saved(kind, np.asarray(frames[0]), save_all=True, append_images=frames[1:], duration=40, **options)
        hidden = hide_photo(data, "photo", None, hiding, PhotoOptions())
        again = opened(BytesIO(hidden.encoded))
        assert again.n_frames == 3
        for index in range(3):
            again.seek(index)
            assert red_share(np.asarray(again.convert("RGB"))) == 0


def test_a_face_missed_in_one_moment_is_hidden_there_too():
    frames = [Image.fromarray(picture(where=Box(left, 30.0, left + 40, 80.0))) for left in (50.0, 52.0, 54.0)]
    data = saved("PNG", np.asarray(frames[0]), save_all=True, append_images=frames[1:], duration=40)

    class Misses(Patches):
        def detect(self, image: Any) -> list[Face]:
            found = super().detect(image)
            return [] if self.shown == 2 else found

    hidden = hide_photo(data, "photo", None, PhotoHiding(Misses(), FaceHider(SOLID, 3)), PhotoOptions())
    assert [face.frame for face in hidden.faces] == [1, 2, 3]
    assert hidden.frames[1].faces[0].tracked.known == "filled"
    again = opened(BytesIO(hidden.encoded))
    again.seek(1)
    assert red_share(np.asarray(again.convert("RGB"))) < 0.001


def test_the_picture_that_stands_before_an_animation_is_gone(hiding):
    frames = [Image.fromarray(picture(where=None)), Image.fromarray(np.flipud(picture(where=None) + 1))]
    data = saved("PNG", picture(), save_all=True, append_images=frames, duration=40, default_image=True)
    assert opened(BytesIO(data)).default_image
    hidden = hide_photo(data, "photo", None, hiding, PhotoOptions())
    again = opened(BytesIO(hidden.encoded))
    assert not again.default_image
    assert again.n_frames == 2
    assert red_share(np.asarray(again.convert("RGB"))) == 0
    assert "the still picture for viewers without animation is left out" in hidden.notes


def test_a_photo_without_faces_is_written_anew(hiding):
    data = saved("JPEG", picture(where=None)) + b"trailing " + MARKER
    hidden = hide_photo(data, "photo", None, hiding, PhotoOptions())
    assert MARKER not in hidden.encoded
    report = hidden.report("a.jpg", "b.jpg")
    assert report.as_sentence() == "a.jpg -> b.jpg: no face found; written anew"
    assert report.status is Status.HIDDEN


def thumbnail() -> bytes:
    """A small picture of the face, as cameras embed it."""
    return saved("JPEG", np.ascontiguousarray(picture()[::4, ::4]), comment=MARKER)


def hostile_exif() -> Any:
    return piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Clear", piexif.ImageIFD.Orientation: 1},
            "Exif": {
                piexif.ExifIFD.DateTimeOriginal: b"2024:05:06 07:08:09",
                piexif.ExifIFD.MakerNote: b"Clear\0\1\2" + thumbnail() + b"between\x02" + thumbnail()[1:] + b"tail",
                piexif.ExifIFD.UserComment: b"ASCII\0\0\0" + base64.b64encode(thumbnail()),
            },
            "GPS": {piexif.GPSIFD.GPSLatitude: ((52, 1), (31, 1), (9876, 100)), piexif.GPSIFD.GPSLatitudeRef: b"N"},
            "1st": {piexif.ImageIFD.Compression: 6},
            "thumbnail": thumbnail(),
        }
    )


def hostile_xmp() -> bytes:
    encoded = base64.b64encode(thumbnail()).decode()
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:GImage="http://ns.google.com/photos/1.0/image/"'
        ' xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/"'
        ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="kept source"'
        f' GImage:Mime="image/jpeg" GImage:Data="{encoded}" GDepth:Data="{encoded}" GCamera:MotionPhoto="1"'
        ' exif:GPSLatitude="52,31.9876N" xmpNote:HasExtendedXMP="0123456789ABCDEF0123456789ABCDEF">'
        f"<xmp:Thumbnails><rdf:Alt><rdf:li><xmpGImg:image>{encoded}</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def app(number: int, body: bytes) -> bytes:
    return bytes((0xFF, 0xE0 + number)) + pack(">H", len(body) + 2) + body


def hostile_jpeg() -> bytes:
    """A phone's: thumbnail, maker's previews, extended XMP, Photoshop's thumbnail, a second picture, and a film behind it all."""
    plain = saved("JPEG", quality=95)
    guid = b"0123456789ABCDEF0123456789ABCDEF"
    extended = b"http://ns.adobe.com/xmp/extension/\0" + guid + pack(">LL", 40, 0) + base64.b64encode(thumbnail())
    resource = b"8BIM" + pack(">HHL", 0x040C, 0, len(thumbnail()) + 28) + bytes(28) + thumbnail()
    preview = b"\x1c\x02\xca" + pack(">H", len(thumbnail())) + thumbnail()
    caption = b"\x1c\x02\x78" + pack(">H", 9) + b"A caption"
    records = b"8BIM" + pack(">HHL", 0x0404, 0, len(caption + preview)) + caption + preview
    segments = (
        app(1, hostile_exif())
        + app(1, b"http://ns.adobe.com/xap/1.0/\0" + hostile_xmp())
        + app(1, extended)
        + app(13, b"Photoshop 3.0\0" + records + b"\0" * (len(records) % 2) + resource)
        + app(2, b"MPF\0II*\0\x08\0\0\0" + bytes(20))
        + app(11, b"JP\0\1" + thumbnail())
        + b"\xff\xfe"
        + pack(">H", len(thumbnail()) + 2)
        + thumbnail()
    )
    film = pack(">L", 24) + b"ftypmp42" + bytes(12) + pack(">L", 20) + b"moov" + MARKER
    return plain[:2] + segments + plain[2:] + saved("JPEG") + film + b"SEFT" + MARKER


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_nothing_of_a_phones_photo_shows_the_face(hiding, kind):
    data = hostile_jpeg()
    assert streams_in(data) > 10
    hidden = hide_photo(data, "photo", kind, hiding, PhotoOptions())
    result = hidden.encoded
    assert MARKER not in result
    assert base64.b64encode(MARKER)[:12] not in result
    assert streams_in(result) == streams_in(saved(kind)) if kind != "HEIF" else result.count(b"ftyp") == 1
    assert red_share(read_again(result).frames[0].pixels) < 0.005
    exif = read_again(result).exif
    loaded = piexif.load(b"Exif\0\0" + exif)
    assert loaded["0th"][piexif.ImageIFD.Make] == b"Clear"
    assert loaded["Exif"][piexif.ExifIFD.DateTimeOriginal] == b"2024:05:06 07:08:09"
    assert not loaded["thumbnail"]
    assert loaded["GPS"] == {}
    assert b"52,31" not in result
    assert pack("<LL", 9876, 100) not in result
    assert pack(">LL", 9876, 100) not in result
    assert b"kept source" in read_again(result).xmp
    if kind in ("JPEG", "TIFF"):
        assert b"A caption" in result


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is missing")
def test_exiftool_finds_no_picture_in_the_result(hiding, tmp_path):
    import subprocess

    path = tmp_path / "hidden.jpg"
    path.write_bytes(hide_photo(hostile_jpeg(), "photo", None, hiding, PhotoOptions()).encoded)
    told = json.loads(
        subprocess.run(["exiftool", "-j", "-a", "-G1", str(path)], capture_output=True, check=True).stdout
    )[0]
    assert not [
        name for name in told if any(word in name for word in ("Thumbnail", "Preview", "MPImage", "Motion", "GPS"))
    ]


def test_the_place_is_kept_where_that_is_asked(hiding):
    hidden = hide_photo(hostile_jpeg(), "photo", None, hiding, PhotoOptions(gps="keep"))
    assert b"52,31.9876N" in hidden.encoded
    photo = read_again(hidden.encoded)
    assert piexif.load(b"Exif\0\0" + photo.exif)["GPS"][piexif.GPSIFD.GPSLatitudeRef] == b"N"


def test_a_png_loses_thumbnails_in_its_texts_and_whatever_stands_behind_its_end(hiding):
    def chunk(name: bytes, body: bytes) -> bytes:
        return pack(">L", len(body)) + name + body + pack(">L", zlib.crc32(name + body))

    plain = saved("PNG")
    exif = hostile_exif()[6:]
    raw_profile = b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n%8d\n" % len(exif) + exif.hex().encode())
    chunks = (
        chunk(b"zTXt", raw_profile)
        + chunk(b"tEXt", b"Thumb\0" + base64.b64encode(thumbnail()))
        + chunk(b"zTXt", b"Preview\0\0" + zlib.compress(thumbnail()))
        + chunk(b"tEXt", b"Title\0kept title")
        + chunk(b"prVw", thumbnail())
    )
    hidden = hide_photo(plain[:33] + chunks + plain[33:] + thumbnail(), "photo", None, hiding, PhotoOptions())
    assert MARKER not in hidden.encoded
    assert zlib.compress(thumbnail()) not in hidden.encoded
    assert streams_in(hidden.encoded) == 1
    assert b"kept title" in hidden.encoded
    assert opened(BytesIO(hidden.encoded)).text == {"Title": "kept title"}


def test_previews_and_children_of_a_tiff_are_gone(hiding):
    out = BytesIO()
    with tifffile.TiffWriter(out) as writer:
        writer.write(picture(), photometric="rgb", subifds=1, metadata=None)
        writer.write(picture()[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
        writer.write(picture()[::3, ::3], photometric="rgb", subfiletype=1, metadata=None)
    hidden = hide_photo(out.getvalue(), "photo", None, hiding, PhotoOptions())
    with tifffile.TiffFile(BytesIO(hidden.encoded)) as file:
        assert len(file.pages) == 1
        assert file.pages[0].subifds is None
        assert red_share(file.pages[0].asarray()) == 0
    assert b"\xff\0\0" * 20 not in hidden.encoded


def test_thumbnails_and_further_pictures_of_a_heic_are_gone(hiding):
    import pillow_heif

    file = pillow_heif.from_pillow(Image.fromarray(picture()))
    file.add_from_pillow(Image.fromarray(picture()))
    out = BytesIO()
    file.save(out, thumbnails=[48], exif=hostile_exif(), quality=90)
    assert pillow_heif.open_heif(BytesIO(out.getvalue()))[0].info["thumbnails"]
    hidden = hide_photo(out.getvalue(), "photo", None, hiding, PhotoOptions())
    again = pillow_heif.open_heif(BytesIO(hidden.encoded))
    assert len(again) == 1
    assert not again[0].info["thumbnails"]
    assert not again[0].info.get("depth_images")
    assert not again[0].info.get("aux")
    assert MARKER not in hidden.encoded
    assert red_share(np.asarray(again[0])) < 0.005


def test_choices_apply_and_those_without_a_face_are_told(hiding):
    data = saved("PNG")
    for choice, share in (
        (FaceChoice(keep=(1,)), 0.1),
        (FaceChoice(keep=(2,)), 0.0),
        (FaceChoice(only=(2,)), 0.1),
        (FaceChoice(keep=(Box(50, 50, 70, 70),)), 0.1),
        (FaceChoice(keep=(1,), also=(Box(40, 30, 80, 80),)), 0.0),
    ):
        hidden = hide_photo(data, "photo", None, replace(hiding, choice=choice), PhotoOptions())
        assert red_share(np.asarray(opened(BytesIO(hidden.encoded)))) == pytest.approx(share, abs=0.01)
        assert any("number 2 named no face" in note for note in hidden.notes) == (2 in choice.keep + choice.only)
    kept = hide_photo(data, "photo", None, replace(hiding, choice=FaceChoice(keep=(1,))), PhotoOptions())
    assert "0 faces hidden, 1 kept in" in kept.report("a", "b").as_sentence()
    assert kept.report("a", "b").as_dict()["faces"][0]["hidden"] is False


def test_faces_that_are_too_small_are_told_as_not_selected(hiding):
    small = replace(hiding, selection=FaceSelection(minimum_size=100))
    hidden = hide_photo(saved("PNG"), "photo", None, small, PhotoOptions())
    assert hidden.report("a", "b").as_sentence() == "a -> b: no face among those selected (1 found); written anew"


def test_numbers_are_refused_where_each_page_counts_anew(hiding):
    out = BytesIO()
    tifffile.imwrite(out, np.stack([picture(), picture()]), photometric="rgb")
    with pytest.raises(PhotoError, match=r"photo: holds 2 pictures .* rectangles"):
        hide_photo(out.getvalue(), "photo", None, replace(hiding, choice=FaceChoice(keep=(1,))), PhotoOptions())


def test_a_photo_is_hidden_as_its_sidecar_tells(hiding, tmp_path):
    path = tmp_path / "faces.jsonl"
    header = b"".join(sidecar_lines(SidecarHeader("photo", 160, 120), ()))
    faces = [{"box": [40, 30, 80, 80], "track": 7}, {"box": [100, 30, 140, 80], "hide": False}]
    path.write_bytes(header + json.dumps({"frame": 1, "faces": faces}).encode())
    pixels = picture()
    pixels[30:80, 100:140] = (255, 0, 0)
    hidden = hide_photo(saved("PNG", pixels), "photo", None, hiding, PhotoOptions(), read_sidecar(path))
    again = np.asarray(opened(BytesIO(hidden.encoded)))
    assert red_share(again[:, :90]) == 0
    assert red_share(again[:, 90:]) > 0.2
    assert [(face.number, face.hidden) for face in hidden.faces] == [(7, True), (8, False)]
    assert hiding.detector.shown == 0
    with pytest.raises(UsageError, match="160 x 120"):
        hide_photo(saved("PNG", pixels[:60]), "photo", None, hiding, PhotoOptions(), read_sidecar(path))


def test_nothing_is_hidden_by_the_mode_that_hides_nothing(hiding):
    none = replace(hiding, hider=FaceHider(HideStyle("none"), 1))
    hidden = hide_photo(saved("PNG"), "photo", None, none, PhotoOptions())
    assert hidden.faces[0].hidden is False
    assert red_share(np.asarray(opened(BytesIO(hidden.encoded)))) > 0.05


def test_who_watches_is_told_every_step(hiding):
    steps = []
    hide_photo(saved("PNG"), "photo", None, hiding, PhotoOptions(), watch=lambda step, done: steps.append((step, done)))
    assert [step for step, _ in steps] == [Step.READING, Step.FINDING, Step.HIDING, Step.WRITING]
    assert all(0 <= done <= 1 for _, done in steps)


def planned(source: Path, output: Path) -> PlannedOutput:
    return PlannedOutput(InputFile(source, Path(source.name)), output)


def test_a_file_is_hidden_into_another_with_its_sidecar(hiding, tmp_path):
    source, output, sidecar = tmp_path / "a.png", tmp_path / "b.jpg", tmp_path / "b.faces.jsonl"
    source.write_bytes(saved("PNG"))
    report = hide_file(planned(source, output), hiding, PhotoOptions(), sidecar=sidecar)
    assert (report.status, report.extras) == (Status.HIDDEN, (str(sidecar),))
    assert output.read_bytes().startswith(b"\xff\xd8\xff")
    (told,) = read_sidecar(sidecar).frame(1)
    assert (told.tracked.known, told.hide) == ("found", True)
    again = hide_file(planned(source, tmp_path / "c.png"), hiding, PhotoOptions(), told=sidecar)
    assert [face.hidden for face in again.faces] == [True]
    assert hide_file(planned(source, output), hiding, PhotoOptions()).status is Status.FAILED
    overwriting = PhotoOptions(existing=ExistingPolicy.OVERWRITE)
    assert hide_file(planned(source, output), hiding, overwriting).status is Status.HIDDEN


def test_a_bad_file_is_reported_and_leaves_nothing(hiding, tmp_path):
    source, output = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(saved("JPEG")[:300])
    report = hide_file(planned(source, output), hiding, PhotoOptions())
    assert report.status is Status.FAILED
    assert str(source) in str(report.error)
    source.write_bytes(saved("JPEG"))
    (tmp_path / "faces.jsonl").write_text("{}")
    report = hide_file(planned(source, output), hiding, PhotoOptions(), told=tmp_path / "faces.jsonl")
    assert report.status is Status.FAILED
    assert "faces.jsonl, line 1" in str(report.error)
    assert not output.exists()
