"""Server-sent events, cut wherever the network cuts them."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.client.events import Event, read_events

STREAM = (
    'event: job\ndata: {"name": "Grüße 🙈"}\n\n'
    ": still at it\n\n"
    "event: photo\r\ndata: one\r\ndata:two\r\nid: 7\r\n\r\n"
    "data: without a name\r\r"
    "event: nothing to tell\n\n"
    "event: end\ndata\n\n"
    "event: cut off\ndata: here"
).encode()
EVENTS = [
    Event("job", '{"name": "Grüße 🙈"}'),
    Event("photo", "one\ntwo"),
    Event("message", "without a name"),
    Event("end", ""),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20).map(sorted))
def test_cuts_do_not_matter(cuts):
    ends = [0, *cuts, len(STREAM)]
    parts = [STREAM[start:end] for start, end in zip(ends, ends[1:], strict=False)]
    assert list(read_events(parts)) == EVENTS


def test_events_are_told_as_soon_as_they_are_whole():
    def parts() -> Iterator[bytes]:
        yield b"data: first\n\n"
        pytest.fail("the first event was there already")

    assert next(read_events(parts())) == Event("message", "first")
