"""Server-sent events, as the HTML standard defines them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    name: str
    data: str


def read_events(parts: Iterable[bytes]) -> Iterator[Event]:
    """The events in a stream of bytes, cut anywhere. Comments are passed over, and so is an event that is not finished."""
    name, data = "message", list[str]()
    for line in _lines(parts):
        if not line:
            if data:
                yield Event(name, "\n".join(data))
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)


def _lines(parts: Iterable[bytes]) -> Iterator[str]:
    """Whole lines, without what ends them: CR LF, LF or CR."""
    rest = b""
    for part in parts:
        rest += part
        while (line := _first_line(rest)) is not None:
            text, used = line
            rest = rest[used:]
            yield text.decode("utf-8", "replace")


def _first_line(buffer: bytes) -> tuple[bytes, int] | None:
    """The first whole line, and how many bytes it and its end take; None where it is not there yet."""
    ends = [at for at in (buffer.find(b"\n"), buffer.find(b"\r")) if at >= 0]
    if not ends:
        return None
    at = min(ends)
    if buffer[at : at + 1] == b"\n":
        return buffer[:at], at + 1
    if at + 1 == len(buffer):  # a line feed may follow
        return None
    return buffer[:at], at + (2 if buffer[at + 1 : at + 2] == b"\n" else 1)
