"""How a film is encoded: codec, pixel format and tags, as near to its source as the target allows."""

from dataclasses import dataclass, replace
from fractions import Fraction

from clearface.errors import UsageError
from clearface.films.codecs import ENCODERS, Encoder
from clearface.films.colours import is_full_range
from clearface.films.facts import ColourTags, PictureFacts
from clearface.films.kinds import FilmKind
from clearface.films.options import FilmOptions

_LONGEST_CLOCK = 65_535
"""MPEG-4 counts time in units of at most this many a second."""

_KEY_EVERY = 2
"""Seconds between pictures that stand by themselves: what a crash loses at most, and what seeking has to decode."""

_TELL_ASPECT = {"h264", "hevc", "mpeg4"}
"""Codecs that say themselves how wide a pixel is."""

_KEY_FRAMES = 250
"""At most this many frames between them."""


@dataclass(frozen=True)
class EncodingPlan:
    """All an encoder has to be told."""

    encoder: Encoder
    pixel_format: str
    width: int
    """As stored in the result."""

    height: int
    facts: PictureFacts
    """Of the source; turned upright already where `turn`."""

    crf: int | None
    preset: str | None
    turn: bool
    """The picture is turned upright, since the container cannot say that it is to be."""

    colours: ColourTags
    clock: Fraction
    """Seconds a unit of the encoder's timestamps lasts."""

    key_frames: int
    ordered: bool
    """Frames are stored in the order they are shown."""

    notes: tuple[str, ...] = ()


def plan_encoding(facts: PictureFacts, kind: FilmKind, options: FilmOptions) -> EncodingPlan:
    """Chooses. Raises UsageError where the container does not hold the codec asked for, or has no such quality or preset."""
    notes: list[str] = []
    encoder = _encoder(facts, kind, options, notes)
    encoder.check_quality(options.crf)
    encoder.check_preset(options.preset)
    turn = not kind.turns and not facts.orientation.upright
    if turn:
        notes.append(f"the picture was turned upright, since {kind.label} cannot say how it is to be shown")
        width, height = facts.orientation.turned_size(facts.width, facts.height)
        aspect = 1 / facts.aspect if facts.orientation.transposed else facts.aspect
        facts = replace(facts, width=width, height=height, aspect=aspect)
    pixel_format = _pixel_format(facts.pixel_format, encoder, notes)
    width, height = facts.width, facts.height
    if encoder.even and not pixel_format.startswith(("yuv444", "gray", "gbr")):
        width, height = width + width % 2, height + height % 2
        if (width, height) != (facts.width, facts.height):
            notes.append(
                f"{encoder.label} takes even sides only: the picture of {facts.width} x {facts.height} "
                f"became {width} x {height}, its edge repeated"
            )
    if facts.interlaced and not encoder.interlaced:
        notes.append(
            f"{encoder.label} does not keep the two fields of an interlaced frame apart; they were encoded as one"
        )
    if facts.aspect != 1 and kind.muxer in ("matroska", "webm") and encoder.name not in _TELL_ASPECT:
        notes.append(
            f"pixels of {facts.aspect.numerator}:{facts.aspect.denominator} are shown square, "
            f"since that cannot be told of {encoder.label} in {kind.label}; MP4 tells it"
        )
    if facts.hdr.dynamic:
        notes.append(
            "light that changes from frame to frame (HDR10+, Dolby Vision) is lost; the picture beneath is kept"
        )
    if (facts.hdr.mastering or facts.hdr.light) and encoder.name not in ("h264", "hevc", "av1"):
        notes.append(f"what the video says of its mastering display is lost, since {encoder.label} does not hold it")
    return EncodingPlan(
        encoder=encoder,
        pixel_format=pixel_format,
        width=width,
        height=height,
        facts=facts,
        crf=options.crf,
        preset=options.preset,
        turn=turn,
        colours=_tags(facts, pixel_format),
        clock=facts.time_base
        if encoder.any_clock or facts.time_base.denominator <= _LONGEST_CLOCK
        else Fraction(1, 60_000),
        key_frames=max(1, min(_KEY_FRAMES, round(facts.rate * _KEY_EVERY))),
        ordered=not encoder.any_clock or kind.muxer == "avi",
        notes=tuple(notes),
    )


def _encoder(facts: PictureFacts, kind: FilmKind, options: FilmOptions, notes: list[str]) -> Encoder:
    if options.codec is not None:
        if options.codec not in kind.codecs:
            able = ", ".join(kind.codecs)
            raise UsageError(f"{kind.label} does not hold {ENCODERS[options.codec].label}; it holds {able}")
        return ENCODERS[options.codec]
    if facts.codec in kind.codecs:
        return ENCODERS[facts.codec]
    encoders = [ENCODERS[name] for name in kind.codecs]
    deep = _bits(facts.pixel_format) > 8
    chosen = (
        next((each for each in encoders if any(_bits(name) > 8 for name in _formats(each))), encoders[0])
        if deep
        else encoders[0]
    )
    if facts.codec is not None and facts.codec not in ("rawvideo", "gif"):
        notes.append(f"the picture was {facts.codec} and became {chosen.label}")
    return chosen


def _pixel_format(source: str, encoder: Encoder, notes: list[str]) -> str:
    from av.codec.codec import find_best_pix_fmt_of_list

    able = _formats(encoder)
    if source in able:
        return source
    plain = source.replace("yuvj", "yuv")
    for same in (plain, plain.replace("yuv", "yuvj")):
        if same in able:
            return same
    if source.startswith(("rgb", "bgr", "pal", "0rgb", "0bgr", "argb", "abgr", "gbr")) and encoder.name != "ffv1":
        usual = ("yuv420p10le", "yuv422p10le", "yuv420p") if _bits(source) > 8 else ("yuv420p", "yuvj420p")
        return next((name for name in usual if name in able), able[0])
    best, _ = find_best_pix_fmt_of_list(able, source)
    assert best is not None
    told = {"nv12": "yuv420p", "nv21": "yuv420p", "p010le": "yuv420p10le"}
    if best.name.replace("yuvj", "yuv") not in (told.get(source), plain):
        notes.append(f"samples of {source} became {best.name}, since {encoder.label} does not take them")
    return best.name


def _formats(encoder: Encoder) -> list[str]:
    """The pixel formats of an encoder that frames are brought to here: planar, without alpha."""
    from av import Codec

    names = [form.name for form in Codec(encoder.library, "w").video_formats or ()]
    if encoder.name == "mjpeg":  # JPEG uses the full range
        return [name for name in names if name.startswith("yuvj")]
    return [
        name for name in names if name.startswith(("yuv4", "yuvj", "gray", "gbrp")) and not name.startswith("gbrap")
    ]


def _bits(pixel_format: str) -> int:
    from av import VideoFormat

    return VideoFormat(pixel_format, 2, 2).components[0].bits


def _tags(facts: PictureFacts, pixel_format: str) -> ColourTags:
    """The source's own tags; where RGB becomes YUV, those it is converted by."""
    if pixel_format.startswith(("gbr", "rgb")):
        return replace(facts.colours, matrix=0, range=2)
    if facts.pixel_format.startswith(("yuv", "gray", "nv", "p0", "p2", "p4", "y2", "uyvy", "yuyv")):
        full = is_full_range(facts.colours.range, facts.pixel_format) or pixel_format.startswith("yuvj")
        return replace(facts.colours, range=2 if full else facts.colours.range)
    matrix = 1 if facts.width >= 1280 or facts.height >= 720 else 6
    return ColourTags(matrix, 1, facts.colours.primaries, facts.colours.transfer)
