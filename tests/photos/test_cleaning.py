"""What is beside the pixels shows no face and tells no place: files as phones and programs write them, searched byte for byte."""

import base64
import zlib
from dataclasses import replace
from io import BytesIO
from struct import pack
from typing import Any
from xml.parsers import expat

import numpy as np
import piexif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clearface.photos.cleaning import without_gps, without_pictures
from clearface.photos.decode import read_photo
from clearface.photos.embedded import clear_pictures, holds_picture
from clearface.photos.encode import EncodeOptions, encode_photo
from clearface.photos.metadata import upright_exif, without_place
from clearface.photos.packets import Forbidden, shows_picture, tells_place, without_properties
from clearface.photos.photo import Frame, Photo

KINDS_WITH_EXIF = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"]
LATITUDE = ((52, 1), (31, 1), (1234, 100))


def encoded(kind: str, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    out = BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (*size[::-1], 3), np.uint8)).save(out, kind, **options)
    return out.getvalue()


def read_again(data: bytes) -> Any:
    return read_photo(data, "photo")


def cleaned_packet(packet: bytes, forbidden: Forbidden) -> bytes:
    cleaned = without_properties(packet, forbidden)
    assert cleaned is not None
    return cleaned


def jpeg_with_thumbnail() -> bytes:
    """A JPEG whose own EXIF holds a JPEG, as previews in makers' notes are."""
    thumbnail = encoded("JPEG")
    exif = piexif.dump({"1st": {piexif.ImageIFD.Compression: 6}, "thumbnail": thumbnail})
    return encoded("JPEG", exif=exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_among_other_bytes_is_blanked_to_its_last_byte(kind):
    picture = encoded(kind)
    block = bytearray(b"before" + picture + b"\x13behind it")
    assert holds_picture(bytes(block))
    clear_pictures(block)
    assert block == b"before" + bytes(len(picture)) + b"\x13behind it"
    assert not holds_picture(bytes(block))


def test_a_jpeg_is_blanked_beyond_the_end_of_its_own_thumbnail():
    picture = jpeg_with_thumbnail()
    assert picture.count(b"\xff\xd9") >= 2
    block = bytearray(b"note" + picture + b"tail")
    clear_pictures(block)
    assert block == b"note" + bytes(len(picture)) + b"tail"


def test_a_jpeg_whose_first_byte_the_maker_changed_is_blanked():
    picture = b"\x02" + encoded("JPEG")[1:]
    block = bytearray(b"note" + picture + b"tail")
    clear_pictures(block)
    assert block == b"note" + bytes(len(picture)) + b"tail"


def test_a_jpeg_cut_short_is_blanked_to_the_end():
    picture = encoded("JPEG")[:-40]
    block = bytearray(b"note" + picture)
    clear_pictures(block)
    assert block == b"note" + bytes(len(picture))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_picture_in_base64_is_found(kind):
    text = b"preview: " + base64.b64encode(encoded(kind)) + b";"
    assert holds_picture(text)
    block = bytearray(text)
    clear_pictures(block)
    assert block.startswith(b"preview: ")
    assert block.endswith(b";")
    assert not block[9:-1].strip(b"\0")


@given(st.binary(max_size=300))
def test_blanking_keeps_the_length_and_leaves_nothing_to_blank(junk):
    block = bytearray(junk)
    clear_pictures(block)
    assert len(block) == len(junk)
    assert all(new in (0, old) for old, new in zip(junk, block, strict=True))


def exif_with_place() -> Any:
    return piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Clear", piexif.ImageIFD.Artist: b"A. Photographer"},
            "Exif": {piexif.ExifIFD.DateTimeOriginal: b"2024:05:06 07:08:09"},
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: LATITUDE,
                piexif.GPSIFD.GPSAreaInformation: b"ASCII\0\0\0PLANTED-PLACE",
            },
        }
    )


@pytest.mark.parametrize("kind", KINDS_WITH_EXIF)
def test_the_place_is_dropped_from_exif_and_nothing_else(kind, smooth):
    out = BytesIO()
    Image.fromarray(smooth()).save(out, "JPEG", exif=exif_with_place())
    photo = read_photo(out.getvalue(), "photo")
    kept = encode_photo(photo, EncodeOptions(kind))
    dropped = encode_photo(photo, EncodeOptions(kind, gps="drop"))
    assert b"PLANTED-PLACE" in kept
    assert b"PLANTED-PLACE" not in dropped
    assert pack("<6L", *sum(LATITUDE, ())) not in dropped
    assert pack(">6L", *sum(LATITUDE, ())) not in dropped
    loaded = piexif.load(b"Exif\0\0" + read_again(dropped).exif)
    assert loaded["GPS"] == {}
    assert piexif.ImageIFD.GPSTag not in loaded["0th"]
    assert loaded["0th"][piexif.ImageIFD.Artist] == b"A. Photographer"
    assert loaded["Exif"][piexif.ExifIFD.DateTimeOriginal] == b"2024:05:06 07:08:09"


def test_a_directory_of_places_becomes_zeros():
    before = upright_exif(exif_with_place()).block
    after = without_place(before)
    assert len(after) == len(before)
    start = before.index(b"ASCII\0\0\0PLANTED-PLACE")
    assert not any(after[start : start + 21])
    assert b"A. Photographer" in after
    assert without_place(after) == after


@given(st.data())
def test_mutilated_places_never_crash(data):
    exif = bytearray(upright_exif(exif_with_place()).block)
    for at in data.draw(st.lists(st.integers(0, len(exif) - 1), max_size=8)):
        exif[at] = data.draw(st.integers(0, 255))
    try:
        after = without_place(bytes(exif))
    except ValueError:
        return
    assert len(after) == len(exif)


PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:odd="http://ns.google.com/photos/1.0/depthmap/"'
    ' xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" xmlns:Container="http://ns.google.com/photos/1.0/container/"'
    ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:own="http://example.org/own/"'
    ' xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"'
    ' exif:GPSLatitude=\'52,31.2N\' exif:GPSLongitude="13,24.5E" odd:Data="BASE64" GCamera:MotionPhoto="1"'
    ' GCamera:MicroVideoOffset="1234" xmpNote:HasExtendedXMP="ABCDEF" geo:lat="52.5" own:preview="/9j/BASE64" dc:format="a > b">'
    '<exif:GPSAltitude>340/10</exif:GPSAltitude><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Kept title</rdf:li></rdf:Alt>'
    '</dc:title><xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"><xmpGImg:image>BASE64</xmpGImg:image></rdf:li>'
    '</rdf:Alt></xmp:Thumbnails><Container:Directory><rdf:Seq><rdf:li><Container:Item Item:Mime="video/mp4"'
    ' Item:Length="99"/></rdf:li></rdf:Seq></Container:Directory><own:other>/9j/BASE64</own:other>'
    '<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li><rdf:Description Iptc4xmpExt:City="Berlin" exif:GPSLatitude="52,31N"/>'
    "</rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
).replace("BASE64", base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(range(120))).decode())


def test_xmp_loses_every_picture_whatever_its_prefix():
    cleaned = cleaned_packet(PACKET.encode(), shows_picture)
    text = cleaned.decode()
    for word in (
        "odd:Data",
        "MotionPhoto",
        "MicroVideo",
        "video/mp4",
        "Thumbnails>",
        "HasExtended",
        "own:preview",
        "own:other",
    ):
        assert word not in text
    assert "/9j/" not in text
    assert "/+A" not in text
    assert "Kept title" in text
    assert 'dc:format="a > b"' in text
    assert "52,31.2N" in text
    expat.ParserCreate().Parse(cleaned, True)


def test_xmp_loses_every_coordinate_and_keeps_names():
    text = cleaned_packet(PACKET.encode(), tells_place).decode()
    for word in ("52,31", "13,24", "340/10", "52.5", "GPS"):
        assert word not in text
    assert "Berlin" in text
    assert "Kept title" in text


def test_xmp_in_sixteen_bits_is_cleaned_too():
    packet = b"\xff\xfe" + PACKET.replace("\ufeff", "").encode("utf-16-le")
    assert b"52,31" not in cleaned_packet(packet, tells_place)


@pytest.mark.parametrize(
    "packet", [b"<x", b"", b"\0\0", b"<x>&lol;</x>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"<x a:GPS='1'/>"]
)
def test_xmp_nobody_can_read_is_left_out(packet, smooth):
    assert without_properties(packet, tells_place) is None
    photo = Photo((Frame(smooth()),), "PNG", xmp=packet)
    cleaned, notes = without_pictures(photo)
    assert cleaned.xmp is None
    assert notes == ("the XMP packet is damaged and left out",)
    assert without_gps(photo).xmp is None


@pytest.mark.parametrize("kind", KINDS_WITH_EXIF)
def test_the_place_is_dropped_from_xmp_of_every_kind(kind, smooth):
    photo = Photo((Frame(smooth()),), kind, xmp=PACKET.encode())
    dropped = encode_photo(without_pictures(photo)[0], EncodeOptions(kind, gps="drop"))
    assert b"GPSL" not in dropped
    assert b"52,31" not in dropped
    assert b"/9j/" not in dropped
    assert b"Kept title" in read_again(dropped).xmp


def iptc(*datasets: tuple[tuple[int, int], bytes]) -> bytes:
    return b"".join(b"\x1c" + bytes(place) + pack(">H", len(value)) + value for place, value in datasets)


def test_iptc_loses_its_preview(smooth):
    records = iptc(((2, 120), b"A caption"), ((2, 200), b"\0\1"), ((2, 202), b"PLANTED" * 9), ((8, 10), b"PLANTED"))
    cleaned, notes = without_pictures(Photo((Frame(smooth()),), "JPEG", iptc=records))
    assert cleaned.iptc == iptc(((2, 120), b"A caption"))
    assert notes == ()
    assert without_pictures(Photo((Frame(smooth()),), "JPEG", iptc=records[:-3]))[1] == (
        "the IPTC records are damaged and left out",
    )


def text_chunk(name: bytes, keyword: bytes, text: bytes) -> tuple[bytes, bytes]:
    if name == b"zTXt":
        return name, keyword + b"\0\0" + zlib.compress(text)
    if name == b"iTXt":
        return name, keyword + b"\0\1\0\0\0" + zlib.compress(text)
    return name, keyword + b"\0" + text


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt"])
def test_png_text_with_a_picture_or_a_place_goes_and_other_text_stays(name, smooth):
    kept = text_chunk(name, b"Title", b"A title about gps receivers")
    preview = text_chunk(name, b"preview", base64.b64encode(encoded("PNG")))
    place = text_chunk(name, b"exif:GPSLatitude", b"52/1,31/1")
    other_place = text_chunk(name, b"Comment", b"<x exif:GPSLatitude='1'/>")
    photo = Photo((Frame(smooth()),), "PNG", png_chunks=(kept, preview, place, other_place))
    assert without_pictures(photo)[0].png_chunks == (kept, place, other_place)
    assert without_gps(photo).png_chunks == (kept, preview)


def test_a_comment_with_a_picture_goes(smooth):
    photo = Photo((Frame(smooth()),), "JPEG", comment=b"see " + encoded("JPEG"))
    cleaned, notes = without_pictures(photo)
    assert cleaned.comment is None
    assert notes == ("the comment holds a picture and is left out",)
    assert without_pictures(replace(photo, comment=b"plain"))[0].comment == b"plain"


@pytest.mark.parametrize("tags", [(0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202)])
def test_raw_previews_of_further_directories_are_blanked(tags):
    """The main directory names a child (SubIFDs) and is followed by a second, which is followed by a third; all have pixels."""
    places = {"main": 8, "child": 8 + 18, "second": 8 + 18 + 30, "third": 8 + 18 + 60}
    pixels = [b"PLANTED%d" % index * 6 for index in range(3)]
    pixels_at = 8 + 18 + 90

    def directory(index: int, following: int) -> bytes:
        at = pixels_at + sum(map(len, pixels[:index]))
        entries = pack("<HHLL", tags[0], 4, 1, at) + pack("<HHLL", tags[1], 4, 1, len(pixels[index]))
        return pack("<H", 2) + entries + pack("<L", following)

    main = pack("<H", 1) + pack("<HHLL", 0x014A, 4, 1, places["child"]) + pack("<L", places["second"])
    others = directory(0, 0) + directory(1, places["third"]) + directory(2, 0)
    block = b"II*\0" + pack("<L", 8) + main + others + b"".join(pixels)
    assert block.count(b"PLANTED") == 18
    assert b"PLANTED" not in upright_exif(block).block


def test_pixels_of_the_main_directory_itself_are_blanked():
    pixels = b"PLANTED" * 9
    entries = pack("<HHLL", 0x0111, 4, 1, 38) + pack("<HHLL", 0x0117, 4, 1, len(pixels))
    block = b"II*\0" + pack("<L", 8) + pack("<H", 2) + entries + pack("<L", 0) + pixels
    assert block.index(pixels) == 38
    assert b"PLANTED" not in upright_exif(block).block
