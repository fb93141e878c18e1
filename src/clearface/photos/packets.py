"""XMP packets (ISO 16684-1) with parts of them taken out."""

import re
from collections.abc import Callable
from xml.parsers import expat

Forbidden = Callable[[str, str, str], bool]
"""Whether a property has to go, by its namespace, its name and its value; of an element with children the value is empty."""

_GOOGLE = "http://ns.google.com/photos/"
_PANORAMA = "http://ns.google.com/photos/1.0/panorama/"
_PICTURE_NAMESPACES = (
    "http://ns.adobe.com/xap/1.0/g/img/",
    "http://ns.adobe.com/hdr-gain-map/1.0/",
    "http://ns.apple.com/HDRGainMap/1.0/",
    "http://ns.apple.com/pixeldatainfo/1.0/",
)
_PICTURE_NAMES = frozenset(
    (("http://ns.adobe.com/xap/1.0/", "Thumbnails"), ("http://ns.adobe.com/xmp/note/", "HasExtendedXMP"))
)
_PLACE_NAME = re.compile(r"^gps|latitude|longt?itude|altitude", re.IGNORECASE)
_WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
_START_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_LONGEST_VALUE = 1 << 16


def shows_picture(namespace: str, name: str, value: str) -> bool:
    """Whether a property is a picture, or tells of further pictures in the file: previews, depth, gain maps, motion photos."""
    from clearface.photos.embedded import holds_picture

    if (namespace, name) in _PICTURE_NAMES or namespace in _PICTURE_NAMESPACES:
        return True
    return (namespace.startswith(_GOOGLE) and namespace != _PANORAMA) or holds_picture(value.encode())


def tells_place(namespace: str, name: str, value: str) -> bool:
    """Whether a property is a part of the coordinates a photo was taken at. `value` has no bearing on it."""
    return namespace == _WGS84 or _PLACE_NAME.search(name) is not None


def without_properties(packet: bytes, forbidden: Forbidden) -> bytes | None:
    """The packet, in UTF-8, without the properties that are forbidden, otherwise byte for byte the same.

    None where it is not well-formed, so that nobody can tell what it says.
    """
    text = _as_utf8(packet).rstrip(b"\0")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return None
    reading = _Reading(text, forbidden)
    try:
        reading.parse()
    except (expat.ExpatError, ValueError):
        return None
    cut, at = bytearray(), 0
    for start, stop, replacement in sorted(reading.cuts):
        if start >= at:
            cut += text[at:start] + replacement
            at = stop
    return bytes(cut + text[at:])


def _as_utf8(packet: bytes) -> bytes:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if packet.startswith(mark):
            return packet[2:].decode(encoding, "replace").encode()
    return packet.removeprefix(b"\xef\xbb\xbf")


class _Reading:
    """One pass of a parser over a packet, which gathers what is to be cut out."""

    def __init__(self, text: bytes, forbidden: Forbidden) -> None:
        self._text = text
        self._forbidden = forbidden
        self._parser = expat.ParserCreate("UTF-8", " ")
        self._parser.namespace_prefixes = True
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open: list[tuple[int, str, str, list[str]]] = []
        self.cuts: list[tuple[int, int, bytes]] = []
        """Start, end and what stands there instead; one may lie inside another, which then counts alone."""

    def parse(self) -> None:
        self._parser.Parse(self._text, True)

    def _start(self, name: str, attributes: list[str]) -> None:
        at = self._parser.CurrentByteIndex
        namespace, local, _ = _parts(name)
        self._open.append((at, namespace, local, []))
        tag = match[0] if (match := _START_TAG.match(self._text, at)) else b""
        cleaned = tag
        for attribute, value in zip(attributes[::2], attributes[1::2], strict=True):
            space, own, prefix = _parts(attribute)
            if self._forbidden(space, own, value):
                spelled = re.escape(f"{prefix}:{own}" if prefix else own).encode()
                cleaned, count = re.subn(rb"""\s%s\s*=\s*("[^"]*"|'[^']*')""" % spelled, b"", cleaned)
                if count != 1:
                    raise ValueError("an attribute is not where it should be")
        if cleaned != tag:
            self.cuts.append((at, at + len(tag), cleaned))

    def _characters(self, data: str) -> None:
        parts = self._open[-1][3]
        if sum(map(len, parts)) < _LONGEST_VALUE:
            parts.append(data)

    def _end(self, _: str) -> None:
        at, namespace, local, parts = self._open.pop()
        value = "".join(parts)
        if self._forbidden(namespace, local, value):
            here = self._parser.CurrentByteIndex
            match = _START_TAG.match(self._text, here)
            stop = match.end() if match else len(self._text)
            self.cuts.append((at, stop, b""))


def _parts(name: str) -> tuple[str, str, str]:
    """Namespace, name and prefix of what the parser calls something."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""
