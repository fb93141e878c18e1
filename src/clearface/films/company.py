"""What goes along with the picture of a film: sound, subtitles, chapters, fonts, and what the file says of itself."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import AttachmentStream, Disposition, Stream
from av.video.stream import VideoStream

from clearface.films.carriers import Carrier, Timed, carrier_for
from clearface.films.kinds import FilmKind
from clearface.films.opening import open_container
from clearface.films.options import FilmOptions

_OWN_TAGS = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"}
"""What the container writes of itself."""

_PLACES = ("location", "gps", "xyz", "loci", "geotag", "coordinate", "latitude", "longitude", "xmp")
"""Parts of the names of tags that say where a film was taken."""

_QUICKTIME_LANGUAGES = {
    "fre": "fra",
    "deu": "ger",
    "nld": "dut",
    "ell": "gre",
    "isl": "ice",
    "zho": "chi",
    "per": "fas",
}
"""QuickTime numbers languages, and FFmpeg knows each number by one of the two codes of ISO 639-2 only."""

_FONTS = ("font", "opentype", "truetype")


@dataclass(eq=False)
class Company:
    """The other streams of a source file; none where `path` is None."""

    path: Path | None
    name: str
    picture: int
    """Index of the stream that is the picture, which is made anew."""

    kind: FilmKind
    options: FilmOptions
    notes: list[str] = field(default_factory=list)
    odd_tags: bool = False
    """There are tags that MP4 keeps only when told to."""

    _source: InputContainer | None = None
    _carriers: dict[int, Carrier] = field(default_factory=dict)
    _tags: dict[str, str] = field(default_factory=dict)

    def open(self) -> None:
        """Looks into the source. Raises FilmError where it cannot be opened any more."""
        if self.path is None:
            return
        self._source = open_container(self.path, self.name)
        self._tags = self._kept_tags(self._source.metadata)
        self.odd_tags = any("." in key for key in self._tags)

    def close(self) -> None:
        """Lets go of the source."""
        if self._source is not None:
            self._source.close()
            self._source = None

    def dress(self, stream: VideoStream) -> None:
        """Gives the new picture what the old one said of itself."""
        if self._source is None:
            return
        old = self._source.streams[self.picture]
        stream.metadata.update(self._of_stream(old))
        stream.disposition = old.disposition

    def join(self, container: OutputContainer) -> None:
        """Adds streams, chapters and tags to a container that is not begun yet; notes what it cannot hold."""
        if self._source is None:
            return
        container.metadata.update(self._tags)
        if self.kind.chapters:
            self._add_chapters(container)
        elif self._source.chapters():
            self.notes.append(f"chapters are left out, since {self.kind.label} holds none")
        left_out: dict[str, int] = {}
        for stream in self._source.streams:
            if stream.index == self.picture:
                continue
            why = self._add(container, stream)
            if why is not None:
                left_out[why] = left_out.get(why, 0) + 1
        for why, count in left_out.items():
            self.notes.append(f"{count} {why}" if count == 1 else f"{count} x {why}")

    def packets(self, start: Fraction, until: float | None) -> Timed:
        """Packets of all streams that go along, and when they are decoded, in seconds from `start`."""
        if self._source is None or not self._carriers:
            return
        try:
            for packet in self._source.demux([carrier.source for carrier in self._carriers.values()]):
                if packet.size:  # others only mark the end
                    yield from self._carriers[packet.stream.index].carry(packet, start, until)
        except FFmpegError:  # the picture ends early there too, and tells
            pass
        for carrier in self._carriers.values():
            yield from carrier.rest(start, until)

    def _add(self, container: OutputContainer, stream: Stream) -> str | None:
        """None where it goes along, otherwise why not, as a part of a sentence."""
        if isinstance(stream, AttachmentStream):
            return self._attach(container, stream)
        if stream.type == "video":
            if stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
                return "cover picture left out, as it may show what the video does not show any more"
            return "further picture left out, as only the first was worked on"
        if stream.type == "audio" and not self.options.audio:
            return "stream of sound left out, as asked"
        if stream.type == "data" or stream.type not in ("audio", "subtitle"):
            return "data stream left out, which may tell places" if self.options.private else "data stream left out"
        carrier = carrier_for(container, stream, self.kind)
        if isinstance(carrier, str):
            return carrier
        carrier.target.metadata.update(self._of_stream(stream))
        carrier.target.disposition = stream.disposition
        if carrier.note is not None:
            self.notes.append(carrier.note)
        self._carriers[stream.index] = carrier
        return None

    def _attach(self, container: OutputContainer, stream: AttachmentStream) -> str | None:
        kind = (stream.mimetype or "").lower()
        if not any(word in kind for word in _FONTS) and (self.options.private or kind.startswith("image/")):
            return "attached file left out"
        if not self.kind.attachments:
            return f"attached file left out, since {self.kind.label} holds none"
        container.add_attachment(
            stream.name or "attachment", stream.mimetype or "application/octet-stream", stream.data
        )
        return None

    def _add_chapters(self, container: OutputContainer) -> None:
        assert self._source is not None
        chapters = self._source.chapters()
        if not self.options.metadata:
            for chapter in chapters:
                chapter["metadata"] = {}
        if chapters:
            container.set_chapters(chapters)

    def _of_stream(self, stream: Stream) -> dict[str, str]:
        tags = self._kept_tags(stream.metadata)
        if self.kind.muxer == "mov" and "language" in tags:
            tags["language"] = _QUICKTIME_LANGUAGES.get(tags["language"], tags["language"])
        return tags

    def _kept_tags(self, tags: dict[str, str]) -> dict[str, str]:
        kept = {key: value for key, value in tags.items() if key.lower().partition("-")[0] not in _OWN_TAGS}
        if not self.options.metadata:
            return {key: value for key, value in kept.items() if key.lower() == "language"}
        if not self.options.private or self.options.place:
            return kept
        open_tags = {key: value for key, value in kept.items() if not any(part in key.lower() for part in _PLACES)}
        told = "tags that tell the place were left out"
        if len(open_tags) < len(kept) and told not in self.notes:
            self.notes.append(told)
        return open_tags
