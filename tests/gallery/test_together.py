"""Programs that write one gallery at once, are killed, or lose the server."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import numpy as np
import pytest
from tests.gallery.conftest import ToyEmbedder
from tests.gallery.servers import PostgresqlServer
from tests.gallery.writers import PHOTOS, write_people

from clearface.errors import GalleryError
from clearface.gallery.base import NewFace
from clearface.gallery.opening import open_gallery

Start = Callable[[str, str, int], tuple[BaseProcess, Connection]]


def write_and_tell(place: str, name: str, count: int, told: Connection) -> None:
    write_people(place, name, count, told.send)


@pytest.fixture(scope="module")
def start() -> Start:
    """Starts a program; all are forked from one interpreter that has imported what they need, and opened nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [__name__, "alembic.runtime.migration", "alembic.script", "clearface.gallery.sqlite"]
    )

    def started(place: str, name: str, count: int) -> tuple[BaseProcess, Connection]:
        receiving, sending = context.Pipe(duplex=False)
        process = context.Process(target=write_and_tell, args=(place, name, count, sending))
        process.start()
        sending.close()
        return process, receiving

    return started


def told_by(receiving: Connection) -> int:
    """How many people a program said it added, until it ended."""
    count = 0
    with receiving:
        while True:
            try:
                receiving.recv()
            except (EOFError, OSError):  # the last word may be half
                return count
            count += 1


def test_programs_that_add_at_once_lose_nothing(place: str, start: Start) -> None:
    count = 5
    writers = [start(place, name, count) for name in ("a", "b", "c")]  # each may be the one that makes the gallery
    for process, receiving in writers:
        assert told_by(receiving) == count
        process.join(timeout=300)
        assert process.exitcode == 0
    with open_gallery(place) as gallery:
        people = {person.name: len(person.faces) for person in gallery.people()}
        assert people == {f"{name} {number}": PHOTOS for name in "abc" for number in range(count)} | {
            "shared": 3 * count
        }
        assert len(gallery.known_faces().vectors) == 3 * count * (PHOTOS + 1)


def test_a_kill_at_any_moment_leaves_whole_people(place: str, start: Start) -> None:
    chance = np.random.default_rng(7)
    open_gallery(place, must_exist=False).close()
    told = 0
    for attempt in range(5):
        process, receiving = start(place, f"w{attempt}", 1000)
        receiving.recv()
        time.sleep(chance.random() * 0.1)
        process.kill()
        told += 1 + told_by(receiving)
        process.join(timeout=60)
        assert process.exitcode is not None
        assert process.exitcode < 0
        with open_gallery(place) as gallery:
            people = {person.name: len(person.faces) for person in gallery.people()}
            own = [name for name in people if name != "shared"]
            assert {people[name] for name in own} == {PHOTOS}
            assert len(own) >= told  # what was told as done is there
            gallery.statistics()
            pictures = list(gallery.thumbnails([face.number for person in gallery.people() for face in person.faces]))
            assert len(pictures) == sum(people.values())
            assert all(picture for _, picture in pictures)


@pytest.fixture
def mortal_server(pgvector_server: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """The server, which is there again afterwards."""
    yield pgvector_server
    if pgvector_server.process.poll() is not None:
        pgvector_server.start()


def test_a_server_that_goes_away_in_the_middle(
    mortal_server: PostgresqlServer, pgvector_place: str, new_face: Callable[..., NewFace]
) -> None:
    toy = ToyEmbedder()
    with open_gallery(pgvector_place, must_exist=False) as gallery:
        gallery.add_faces("Ann", [new_face(0)], toy)

        class Killing(list[NewFace]):
            """Faces, the second of which nobody waits for."""

            def __iter__(self) -> Iterator[NewFace]:
                yield new_face(1)
                mortal_server.kill()
                yield new_face(2)

        with pytest.raises(GalleryError) as caught:
            gallery.add_faces("Bob", Killing(), toy)
        sentence = str(caught.value)
        assert "the database server cannot be reached, or went away; nothing of this step was kept" in sentence
        assert "\n" not in sentence
        with pytest.raises(GalleryError, match="cannot be reached"):
            gallery.people()
        mortal_server.start()
        assert [(person.name, len(person.faces)) for person in gallery.people()] == [("Ann", 1)]
        gallery.add_faces("Bob", [new_face(1)], toy)  # the same gallery goes on
        assert gallery.has("Bob")
