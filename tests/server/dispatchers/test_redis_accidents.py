"""Workers and Redis are killed while photos are worked on: every photo is over in the end."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from clearface.server.dispatchers.base import PhotoKey
from clearface.server.dispatchers.redis_queue import RedisDispatcher

LEASE = 1.5
PHOTOS = 20


@pytest.fixture
def recovering(album: Any, until: Callable[[Callable[[], bool]], None]) -> Callable[..., None]:
    """Does what servers do every few seconds, until every photo is over."""

    def recover(photos: list[PhotoKey], *servers: RedisDispatcher) -> None:
        def over() -> bool:
            left = album.without_outcome(photos)
            for server in servers:
                server.recover(left)
            return not left

        until(over)

    return recover


@pytest.fixture
def server(album: Any, settings_for: Any) -> Callable[[str], RedisDispatcher]:
    return lambda url: RedisDispatcher(settings_for(url), album.store, LEASE)


def test_photos_of_a_killed_worker_go_to_another(
    redis_url: str, album: Any, workers: Any, until: Any, recovering: Any, server: Any
) -> None:
    photos = album.hand_in("accident", PHOTOS)
    held = photos[6]
    workers.hold(held)
    workers.start(redis_url, count=2)
    dispatcher = server(redis_url)
    dispatcher.send(photos)
    until(lambda: bool(workers.begun(held)))
    workers.kill(workers.begun(held)[0])
    workers.let_go(held)
    recovering(photos, dispatcher, server(redis_url))
    assert len(workers.begun(held)) == 2
    for photo in photos:
        assert album.outcome(photo).error is None
        assert len(workers.ended(photo)) == 1
    assert dispatcher.progress("accident") == {}


def test_photos_outlive_redis_and_the_worker_goes_on(
    mortal_redis: Any, album: Any, workers: Any, until: Any, recovering: Any, server: Any
) -> None:
    photos = album.hand_in("accident", PHOTOS)
    held = photos[6]
    workers.hold(held)
    workers.start(mortal_redis.url, count=1, slots=2)
    dispatcher = server(mortal_redis.url)
    dispatcher.send(photos)
    until(lambda: bool(workers.begun(held)))
    mortal_redis.kill()
    dispatcher.recover(photos)  # nothing can be done, and nothing breaks
    assert dispatcher.progress("accident") == {}
    workers.let_go(held)
    until(lambda: bool(workers.ended(held)))  # a photo under way is finished without Redis
    mortal_redis.start()
    recovering(photos, dispatcher, server(mortal_redis.url))
    for photo in photos:
        assert album.outcome(photo).error is None
        assert len(workers.ended(photo)) == 1
    assert workers.log().count("the queue is away") <= 2  # once for each that takes photos
    assert "accident" not in workers.log()


def test_redis_and_a_worker_at_once(
    mortal_redis: Any, album: Any, workers: Any, until: Any, recovering: Any, server: Any
) -> None:
    photos = album.hand_in("accident", PHOTOS)
    killed, kept = photos[4], photos[9]
    workers.hold(killed)
    workers.hold(kept)
    workers.start(mortal_redis.url, count=2, slots=1)
    dispatcher = server(mortal_redis.url)
    dispatcher.send(photos)
    until(lambda: bool(workers.begun(killed)) and bool(workers.begun(kept)))
    workers.kill(workers.begun(killed)[0])
    mortal_redis.kill()
    mortal_redis.start()
    workers.let_go(killed)
    dispatcher.recover(album.without_outcome(photos))
    workers.let_go(kept)
    recovering(photos, dispatcher)
    for photo in photos:
        assert album.outcome(photo).error is None
        assert workers.ended(photo)  # work may be done twice after an accident: it writes the same


def test_a_worker_told_to_end_finishes_its_photo(
    redis_url: str, album: Any, workers: Any, until: Any, server: Any
) -> None:
    photos = album.hand_in("calm", 2)
    workers.hold(photos[0])
    workers.start(redis_url)
    server(redis_url).send(photos)
    until(lambda: bool(workers.begun(photos[0])))
    [process] = workers.processes
    process.send_signal(signal.SIGTERM)
    until(lambda: "finishing the photos under way" in workers.log())
    assert process.poll() is None
    workers.let_go(photos[0])
    assert process.wait(60) == 0
    assert album.outcome(photos[0]).error is None
    assert not workers.begun(photos[1])
    load = server(redis_url).load()
    assert (load.waiting, load.workers, load.ready) == (1, 0, False)


def test_a_worker_told_twice_leaves_its_photo_to_others(
    redis_url: str, album: Any, workers: Any, until: Any, recovering: Any, server: Any
) -> None:
    [photo] = album.hand_in("hasty", 1)
    workers.hold(photo)
    workers.start(redis_url)
    dispatcher = server(redis_url)
    dispatcher.send([photo])
    until(lambda: bool(workers.begun(photo)))
    [process] = workers.processes
    process.send_signal(signal.SIGINT)
    until(lambda: "finishing the photos under way" in workers.log())
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    workers.let_go(photo)
    workers.start(redis_url)
    recovering([photo], dispatcher)
    assert album.outcome(photo).error is None
    assert len(workers.begun(photo)) == 2


def test_a_worker_waits_for_redis_to_come(mortal_redis: Any, album: Any, workers: Any, until: Any, server: Any) -> None:
    [photo] = album.hand_in("early", 1)
    mortal_redis.kill()
    workers.start(mortal_redis.url)
    until(lambda: "the queue is away" in workers.log())
    mortal_redis.start()
    server(mortal_redis.url).send([photo])
    until(lambda: not album.without_outcome([photo]))
    assert workers.log().count("the queue is away") == 1
