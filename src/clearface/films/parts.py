"""The work folder of a film that is being written: its parts so far, and what they were made of."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.packet import Packet

from clearface.errors import FilmError
from clearface.files.explanations import shown
from clearface.films.base import Mark

_STATE = "state.json"
_VERSION = 1


@dataclass(frozen=True)
class Part:
    """One part of the picture, in a file of its own."""

    file: str
    number: int
    """Of its first frame."""

    timestamp: int
    """Of that frame, in units of the source's clock."""


@dataclass(frozen=True)
class PartFrame:
    """A packet of a part, with its time on the source's clock."""

    packet: "Packet[Any]"
    timestamp: int


class WorkFolder:
    """A hidden folder beside the target. Every change of what is written down is made whole or not at all."""

    def __init__(self, target: Path, clock: Fraction) -> None:
        self.path = target.with_name(f".{target.name}.clearface-part")
        self._clock = clock
        self.parts: list[Part] = []
        self._settings: dict[str, str] = {}
        self._playable: tuple[str, int] | None = None

    def exists(self) -> bool:
        """Whether an earlier run left something."""
        return (self.path / _STATE).exists()

    def create(self, settings: dict[str, str]) -> None:
        """A new, empty folder, whatever was there before. OSError passes through."""
        self.remove()
        self.path.mkdir(parents=True)
        self._settings, self.parts = settings, []
        self._save()

    def load(self, settings: dict[str, str]) -> None:
        """What an earlier run left. Raises FilmError, in the words of `settings`, where it was made in another way."""
        try:
            state: dict[str, Any] = json.loads((self.path / _STATE).read_bytes())
            before = {str(key): str(value) for key, value in state["settings"].items()}
            self.parts = [Part(**part) for part in state["parts"]]
            playable = state["playable"]
            self._playable = None if playable is None else (str(playable[0]), int(playable[1]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FilmError(
                f"{shown(self.path)}: what an earlier run left there cannot be read; delete it to begin anew"
            ) from error
        for key, value in settings.items():
            if before.get(key) != value:
                raise FilmError(f"the unfinished result was made with {_other(key, before.get(key), value)}")
        self._settings = settings
        self._drop_broken()

    def begin_part(self, number: int, timestamp: int, extension: str) -> Path:
        """Writes a new part down and says where it goes. OSError passes through."""
        part = Part(f"part-{len(self.parts) + 1:04d}.{extension}", number, timestamp)
        self.parts.append(part)
        self._save()
        return self.path / part.file

    def done(self) -> Mark | None:
        """The last frame that is there; None for none."""
        last: Mark | None = None
        for part in self.parts:
            timestamps = sorted(frame.timestamp for frame in self.read(part))
            if timestamps:
                last = Mark(part.number + len(timestamps) - 1, timestamps[-1])
        return last

    def note_playable(self, path: Path) -> None:
        """Remembers a file beside the folder that plays up to where the work was stopped. OSError passes through."""
        self._playable = (path.name, path.stat().st_size)
        self._save()

    def remove_playable(self) -> None:
        """Deletes that file, unless it is another by now. OSError passes through."""
        if self._playable is None:
            return
        name, size = self._playable
        path = self.path.with_name(name)
        if path.is_file() and path.stat().st_size == size:
            path.unlink()

    def settle(self) -> Mark | None:
        """Cuts off what was not written whole, and says up to where the rest goes."""
        self._drop_broken()
        return self.done()

    def read(self, part: Part) -> Iterator[PartFrame]:
        """The packets of a part, in the order they are decoded."""
        with av.open(f"file:{self.path / part.file}", metadata_errors="ignore") as container:
            stream = container.streams.video[0]
            packets = (packet for packet in container.demux(stream) if packet.size and packet.pts is not None)
            assert stream.time_base is not None
            unit = stream.time_base / self._clock
            first = self._first(part)
            for packet in packets:
                assert packet.pts is not None
                yield PartFrame(packet, part.timestamp + round((packet.pts - first) * unit))

    def _first(self, part: Part) -> int:
        """The smallest time in the file, which is that of the part's first frame. It is among the first few packets."""
        with av.open(f"file:{self.path / part.file}", metadata_errors="ignore") as container:
            stream = container.streams.video[0]
            times = []
            for packet in container.demux(stream):
                if packet.size and packet.pts is not None:
                    times.append(packet.pts)
                if len(times) >= _REORDERED:
                    break
        return min(times)

    def remove(self) -> None:
        """Deletes the folder with all that is in it. OSError passes through."""
        if self.path.is_symlink():
            self.path.unlink()
        elif self.path.exists():
            shutil.rmtree(self.path)

    def _drop_broken(self) -> None:
        """Cuts the last part behind its last whole fragment, and drops it where there is none."""
        kept = []
        for part in self.parts:
            path = self.path / part.file
            if path.exists() and _cut_to_whole_fragments(path):
                kept.append(part)
            else:
                path.unlink(missing_ok=True)
        self.parts = kept
        self._save()

    def _save(self) -> None:
        state = {
            "version": _VERSION,
            "settings": self._settings,
            "parts": [asdict(part) for part in self.parts],
            "playable": self._playable,
        }
        temporary = self.path / f"{_STATE}.tmp"
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(state, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path / _STATE)


_REORDERED = 64
"""No codec here stores a frame further than this from its place."""


def _cut_to_whole_fragments(path: Path) -> bool:
    """Cuts a file behind its last whole moof and mdat box (ISO/IEC 14496-12); False where there is none."""
    size, at, whole, before = path.stat().st_size, 0, 0, b""
    with path.open("r+b") as file:
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length < 8 or at + length > size:
                break
            at += length
            if kind == b"mdat" and before == b"moof":
                whole = at
            before = kind
        if whole:
            file.truncate(whole)
    return whole > 0


def _other(key: str, before: str | None, now: str) -> str:
    if key == "source":
        return "another source; begin anew with --existing overwrite"
    return f"another {key} ({before}, now {now}); give the same one, or begin anew with --existing overwrite"
