"""The kinds of film clearface reads and writes, what they can hold, and how to tell them by their first bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import PurePath
from types import MappingProxyType


@dataclass(frozen=True)
class FilmKind:
    """A container: how it is called, and what it holds where it can be written."""

    label: str
    """As people write it."""

    extensions: tuple[str, ...]
    """Lower case with dot, the usual one first."""

    codecs: tuple[str, ...] = ()
    """Names of the codecs a picture can have in it when it is written, the usual one first; () where it is only read."""

    muxer: str = ""
    """FFmpeg's name of what writes it."""

    sounds: frozenset[str] = frozenset()
    """Codecs of sound that are copied into it as they are."""

    sound: str = "aac"
    """What other sound is encoded as."""

    subtitles: tuple[str, ...] = ()
    """Codecs of subtitles it holds; text is brought to the first."""

    turns: bool = False
    """It can say which way up its picture is to be shown."""

    chapters: bool = False
    attachments: bool = False

    @property
    def written(self) -> bool:
        """Results can be of this kind."""
        return bool(self.codecs)


_MP4_SOUNDS = frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "flac", "dts", "truehd"})
_PCM = frozenset(
    {"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_u8", "pcm_mulaw", "pcm_alaw"}
)
_AVI_SOUNDS = frozenset({"mp3", "mp2", "ac3", "aac", "pcm_s16le", "pcm_u8", "pcm_mulaw", "pcm_alaw", "dts"})

FILM_KINDS: Mapping[str, FilmKind] = MappingProxyType(
    {
        "MP4": FilmKind(
            "MP4",
            (".mp4", ".m4v"),
            ("h264", "hevc", "av1", "vp9", "mpeg4"),
            "mp4",
            _MP4_SOUNDS,
            subtitles=("mov_text",),
            turns=True,
            chapters=True,
        ),
        "MOV": FilmKind(
            "QuickTime",
            (".mov", ".qt"),
            ("h264", "hevc", "prores", "mpeg4", "mjpeg"),
            "mov",
            frozenset({"aac", "mp3", "ac3", "eac3", "alac", "pcm_f32le"}) | _PCM,
            subtitles=("mov_text",),
            turns=True,
            chapters=True,
        ),
        "MKV": FilmKind(
            "Matroska",
            (".mkv",),
            ("h264", "hevc", "av1", "vp9", "mpeg4", "ffv1", "prores", "mjpeg"),
            "matroska",
            _MP4_SOUNDS | {"vorbis", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8", "pcm_f32le"},
            subtitles=("subrip", "ass", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"),
            turns=True,
            chapters=True,
            attachments=True,
        ),
        "WEBM": FilmKind(
            "WebM",
            (".webm",),
            ("vp9", "av1"),
            "webm",
            frozenset({"opus", "vorbis"}),
            "libopus",
            ("webvtt",),
            turns=True,
            chapters=True,
        ),
        "AVI": FilmKind("AVI", (".avi",), ("mpeg4", "h264", "mjpeg", "ffv1"), "avi", _AVI_SOUNDS, "libmp3lame"),
        "GIF": FilmKind("GIF", (".gif",), ("gif",), "gif"),
        "TS": FilmKind("MPEG-TS", (".ts", ".mts", ".m2ts")),
        "3GP": FilmKind("3GP", (".3gp", ".3g2")),
        "FLV": FilmKind("Flash Video", (".flv", ".f4v")),
        "MPEG": FilmKind("MPEG", (".mpg", ".mpeg", ".vob", ".m2v")),
        "WMV": FilmKind("Windows Media", (".wmv", ".asf")),
        "OGG": FilmKind("Ogg", (".ogv", ".ogg")),
    }
)
"""By the name used inside clearface."""

FILM_EXTENSIONS: frozenset[str] = frozenset(
    extension for name, kind in FILM_KINDS.items() if name != "GIF" for extension in kind.extensions
)
"""Every extension that names a film, lower case, with dot. GIF is both photo and film, and told apart by its content."""

DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "avi",
    "gif",
    "mpegts",
    "flv",
    "mpeg",
    "mpegvideo",
    "asf",
    "ogg",
)
"""What FFmpeg may take a file for. Lists of other files (HLS, concat) are not among them, as they lead elsewhere."""

_ASF = bytes.fromhex("3026b2758e66cf11")
_SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"aax "}
_PHOTO_BRANDS = {
    b"avif",
    b"avis",
    b"heic",
    b"heix",
    b"heim",
    b"heis",
    b"hevc",
    b"hevx",
    b"hevm",
    b"hevs",
    b"mif1",
    b"msf1",
}


def film_kind_of_extension(path: str | PathLike[str]) -> str | None:
    """The kind a file name asks for by its extension, in any case; None where it names none."""
    extension = PurePath(path).suffix.lower()
    return next((name for name, kind in FILM_KINDS.items() if extension in kind.extensions), None)


def film_kind_of_content(data: bytes) -> str | None:
    """The kind that the first bytes show (a few hundred), whatever the file is called; None where it is none of a film.

    A GIF is a film only by its number of frames, which the first bytes do not show: it is not told here.
    """
    if data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        return _base_media(data)
    if data.startswith(b"\x1aE\xdf\xa3"):
        return "WEBM" if b"webm" in data[:64] else "MKV"
    if data[:4] == b"RIFF" and data[8:12] in (b"AVI ", b"AVIX"):
        return "AVI"
    starts = ((b"FLV\x01", "FLV"), (_ASF, "WMV"), (b"OggS", "OGG"), (b"\0\0\1\xba", "MPEG"), (b"\0\0\1\xb3", "MPEG"))
    for start, kind in starts:
        if data.startswith(start):
            return kind
    for packet, offset in ((188, 0), (192, 4)):
        if len(data) > offset + packet and data[offset] == data[offset + packet] == 0x47:
            return "TS"
    return None


def _base_media(data: bytes) -> str | None:
    if data[4:8] != b"ftyp":
        return "MOV"
    major = data[8:12]
    length = min(int.from_bytes(data[:4], "big"), len(data))
    brands = {major} | {data[at : at + 4] for at in range(16, length - 3, 4)}
    if major in _PHOTO_BRANDS or (
        brands & _PHOTO_BRANDS and not brands & {b"isom", b"mp41", b"mp42", b"iso5", b"iso6"}
    ):
        return None
    if major == b"qt  ":
        return "MOV"
    return "3GP" if major[:2] == b"3g" else "MP4"
