import json
import pickle
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.client import Pipeline
from rq.utils import as_text

from clearface.errors import UsageError
from clearface.server.dispatchers.base import PhotoKey, Progress
from clearface.server.dispatchers.redis_connection import connect
from clearface.server.dispatchers.redis_jobs import QUEUE_NAME, photo_queue, rq_id, rq_key
from clearface.server.dispatchers.redis_leases import Leases
from clearface.server.dispatchers.redis_queue import RedisDispatcher
from clearface.server.dispatchers.redis_worker import PhotoWorker
from clearface.server.jobs import layout
from clearface.server.jobs.base import QueueAway, QueueFull
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import StoreAway

LEASE = 1.0
PATIENCE = 60.0


class ScriptedWork:
    """Does with each photo what the test says, and finishes it where that says nothing else."""

    def __init__(self, album: Any, does: Callable[[PhotoKey, Callable[[Progress], None]], None] | None = None) -> None:
        self.album = album
        self.does = does
        self.seen: list[PhotoKey] = []
        self.troubles: list[Exception] = []

    def __call__(self, photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        self.seen.append(photo)
        if self.does is not None:
            self.does(photo, tell)
        self.album.finish(photo)

    def check(self) -> None:
        if self.troubles:
            raise self.troubles.pop()

    def stop(self) -> None:
        pass


class Crew:
    """Workers in threads of this process."""

    def __init__(self, url: str) -> None:
        self.connection = connect(url)
        self.stopping, self.news = threading.Event(), threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self, work: ScriptedWork) -> PhotoWorker:
        worker = PhotoWorker(self.connection, Leases(self.connection, LEASE), work, self.stopping, self.news)
        thread = threading.Thread(target=worker.serve)
        thread.start()
        self.threads.append(thread)
        return worker

    def end(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.threads.clear()
        self.stopping.clear()


@pytest.fixture
def crew(redis_url: str) -> Iterator[Crew]:
    workers = Crew(redis_url)
    yield workers
    workers.end()
    workers.connection.close()


@pytest.fixture
def raw(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def dispatcher(redis_url: str, album: Any, settings_for: Any) -> Iterator[RedisDispatcher]:
    made = RedisDispatcher(settings_for(redis_url), album.store, LEASE)
    yield made
    made.close()


def test_the_queue_holds_numbers_in_json_and_nothing_else(
    dispatcher: RedisDispatcher, album: Any, raw: redis.Redis
) -> None:
    dispatcher.send(album.hand_in("job-1_a", 2))
    data = raw.hget(rq_key(PhotoKey("job-1_a", 2)), "data")
    assert isinstance(data, bytes)
    assert json.loads(zlib.decompress(data)) == ["clearface.photo", None, ["job-1_a", 2, 1], {}]
    stored = [raw.hgetall(key) for key in raw.scan_iter("rq:job:*")]
    assert len(stored) == 2
    assert "photo2.png" not in str(stored)


def test_photos_are_worked_on_in_turn(dispatcher: RedisDispatcher, album: Any, crew: Crew, until: Any) -> None:
    photos = album.hand_in("job", 3)
    dispatcher.send(photos)
    work = ScriptedWork(album)
    crew.start(work)
    until(lambda: not album.without_outcome(photos))
    assert work.seen == photos


def test_all_are_sent_or_none(redis_url: str, album: Any, settings_for: Any) -> None:
    dispatcher = RedisDispatcher(settings_for(redis_url, queue_length=5), album.store, LEASE)
    dispatcher.send(album.hand_in("first", 3))
    with pytest.raises(QueueFull, match="3 photos wait already") as full:
        dispatcher.send(album.hand_in("second", 3))
    assert full.value.retry_after >= 1
    assert dispatcher.load().waiting == 3
    dispatcher.send(album.hand_in("third", 2))
    assert dispatcher.load().waiting == 5


def test_an_empty_queue_takes_any_request(redis_url: str, album: Any, settings_for: Any) -> None:
    dispatcher = RedisDispatcher(settings_for(redis_url, queue_length=2), album.store, LEASE)
    dispatcher.send(album.hand_in("large", 4))
    assert dispatcher.load().waiting == 4


def test_many_servers_together_keep_the_queue_bounded(redis_url: str, album: Any, settings_for: Any) -> None:
    turned_away = []

    def send(number: int) -> None:
        dispatcher = RedisDispatcher(settings_for(redis_url, queue_length=10), album.store, LEASE)
        try:
            dispatcher.send(album.hand_in(f"job{number}", 3))
        except QueueFull:
            turned_away.append(number)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(turned_away) == 5
    assert RedisDispatcher(settings_for(redis_url), album.store).load().waiting == 9


def test_slow_photos_ask_for_more_patience(redis_url: str, album: Any, settings_for: Any, raw: redis.Redis) -> None:
    dispatcher = RedisDispatcher(settings_for(redis_url, queue_length=2), album.store, LEASE)
    dispatcher.send(album.hand_in("first", 2))
    raw.rpush("clearface:pace", "20", "40")
    with pytest.raises(QueueFull) as full:
        dispatcher.send(album.hand_in("second", 2))
    assert full.value.retry_after == 60  # two photos of 30 s, by one worker


def test_what_is_sent_twice_waits_once(dispatcher: RedisDispatcher, album: Any) -> None:
    photos = album.hand_in("job", 2)
    dispatcher.send(photos[:1])
    dispatcher.send(photos)
    assert dispatcher.load().waiting == 2


def test_progress_is_told_while_a_worker_has_the_photo(
    dispatcher: RedisDispatcher, album: Any, crew: Crew, until: Any
) -> None:
    half, go_on = threading.Event(), threading.Event()

    def work(photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        assert dispatcher.progress("job") == {1: Progress("reading", 0.0)}
        tell(Progress("restoring", 0.5))
        half.set()
        go_on.wait(PATIENCE)

    [photo] = album.hand_in("job", 1)
    dispatcher.send([photo])
    assert dispatcher.progress("job") == {}
    worker = crew.start(ScriptedWork(album, work))
    assert half.wait(PATIENCE)
    assert crew.news.is_set()
    worker.beat()
    assert dispatcher.progress("job") == {1: Progress("restoring", 0.5)}
    assert dispatcher.progress("another") == {}
    load = dispatcher.load()
    assert (load.waiting, load.working, load.workers, load.ready) == (0, 1, 1, True)
    go_on.set()
    until(lambda: dispatcher.progress("job") == {})
    assert album.outcome(photo).error is None


def test_a_worker_counts_while_it_is_heard(dispatcher: RedisDispatcher, album: Any, crew: Crew, until: Any) -> None:
    assert dispatcher.load().reason == "no worker is there: start one with clearface worker"
    worker = crew.start(ScriptedWork(album))
    until(lambda: dispatcher.load().ready)
    until(lambda: dispatcher.load().workers == 0)  # nobody beats for it here
    worker.beat()
    assert dispatcher.load().workers == 1
    crew.end()
    assert dispatcher.load().workers == 0


def test_a_worker_that_cannot_work_takes_no_photo(
    dispatcher: RedisDispatcher, album: Any, crew: Crew, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    [photo] = album.hand_in("job", 1)
    dispatcher.send([photo])
    work = ScriptedWork(album)
    work.troubles = [StoreAway("the share is gone")]
    crew.start(work)
    until(lambda: "the share is gone" in caplog.text)
    assert work.seen == []
    until(lambda: not album.without_outcome([photo]))
    until(lambda: "back at work" in caplog.text)


def test_a_worker_whose_store_goes_takes_no_more_until_it_is_back(
    dispatcher: RedisDispatcher, album: Any, crew: Crew, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def work(photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        if len(scripted.seen) == 1:
            scripted.troubles = [StoreAway("still gone")]
            raise StoreAway("the share is gone")

    photos = album.hand_in("job", 3)
    dispatcher.send(photos)
    scripted = ScriptedWork(album, work)
    crew.start(scripted)
    until(lambda: len(album.without_outcome(photos)) == 1)
    assert scripted.troubles == []
    assert caplog.text.count("gone") == 1
    dispatcher.recover(photos)
    until(lambda: not album.without_outcome(photos))
    assert scripted.seen == [*photos, photos[0]]
    assert album.outcome(photos[0]).error is None


def test_what_is_well_is_left_alone(dispatcher: RedisDispatcher, album: Any, crew: Crew, until: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        begun.set()
        go_on.wait(PATIENCE)

    photos = album.hand_in("job", 3)
    dispatcher.send(photos)
    worker = crew.start(ScriptedWork(album, work))
    assert begun.wait(PATIENCE)
    worker.beat()
    dispatcher.recover(photos)
    assert dispatcher.load().waiting == 2
    go_on.set()
    until(lambda: not album.without_outcome(photos))
    dispatcher.recover(photos)  # over, though the caller did not know yet
    assert dispatcher.load().waiting == 0


def test_what_redis_lost_is_sent_again_once(
    redis_url: str, dispatcher: RedisDispatcher, album: Any, settings_for: Any, raw: redis.Redis
) -> None:
    photos = album.hand_in("job", 6)
    dispatcher.send(photos)
    album.finish(photos[0])
    raw.flushall()
    servers = [RedisDispatcher(settings_for(redis_url), album.store, LEASE) for _ in range(4)]
    threads = [threading.Thread(target=server.recover, args=(photos,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waiting = sorted(as_text(name) for name in raw.lrange(f"rq:queue:{QUEUE_NAME}", 0, -1))
    assert waiting == [rq_id(photo) for photo in photos[1:]]


def test_a_photo_that_is_only_being_handed_in_is_not_sent(dispatcher: RedisDispatcher, album: Any) -> None:
    album.store.put(layout.manifest("job"), b"{}")
    dispatcher.recover([PhotoKey("job", 1)])
    assert dispatcher.load().waiting == 0


def test_a_new_order_for_a_photo_that_was_done_counts(
    dispatcher: RedisDispatcher, album: Any, raw: redis.Redis
) -> None:
    [photo] = album.hand_in("job", 1)
    album.finish(photo)
    dispatcher.recover([photo])
    assert dispatcher.load().waiting == 0
    order = json.loads(album.store.get(layout.order(photo)))
    album.store.put(layout.order(photo), json.dumps(order | {"revision": 1}).encode())
    dispatcher.recover([photo])
    assert dispatcher.load().waiting == 1


def test_a_photo_its_worker_never_began_is_sent_again(
    dispatcher: RedisDispatcher, album: Any, raw: redis.Redis, until: Any
) -> None:
    [photo] = album.hand_in("job", 1)
    dispatcher.send([photo])
    queue = photo_queue(raw)
    raw.lmove(queue.key, queue.intermediate_queue_key)  # all a worker got to do
    dispatcher.recover([photo])
    assert dispatcher.load().waiting == 0  # it may yet begin

    def sent_again() -> bool:
        dispatcher.recover([photo])
        return dispatcher.load().waiting == 1

    until(sent_again)
    assert raw.llen(queue.intermediate_queue_key) == 0


def test_a_photo_that_breaks_every_worker_is_given_up_with_a_sentence(
    dispatcher: RedisDispatcher, album: Any, crew: Crew, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def work(photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        if photo.number == 2:
            raise RuntimeError("about photo2.png")

    photos = album.hand_in("secret", 3)
    dispatcher.send(photos)
    scripted = ScriptedWork(album, work)
    crew.start(scripted)

    def over() -> bool:
        dispatcher.recover(photos)
        return not album.without_outcome(photos)

    until(over)
    assert scripted.seen.count(photos[1]) == 3
    outcome = album.outcome(photos[1])
    assert outcome.fault == "server"
    assert outcome.error is not None
    assert outcome.error.startswith("photo2.png: work on this photo was broken off 3 times")
    assert "RuntimeError in test_redis_queue.py" in caplog.text
    assert "photo2.png" not in caplog.text
    assert "secret" not in caplog.text


def test_a_photo_two_workers_got_is_worked_on_by_one(
    dispatcher: RedisDispatcher, album: Any, crew: Crew, raw: redis.Redis, until: Any
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(photo: PhotoKey, tell: Callable[[Progress], None]) -> None:
        begun.set()
        go_on.wait(PATIENCE)

    [photo] = album.hand_in("job", 1)
    dispatcher.send([photo])
    first, second = ScriptedWork(album, work), ScriptedWork(album)
    crew.start(first)
    assert begun.wait(PATIENCE)
    queue = photo_queue(raw)
    crew.start(second)
    raw.rpush(queue.key, rq_id(photo))
    until(lambda: raw.llen(queue.key) == 0 and raw.llen(queue.intermediate_queue_key) == 0)
    go_on.set()
    until(lambda: not album.without_outcome([photo]))
    crew.end()
    assert (first.seen, second.seen) == ([photo], [])


def test_nothing_of_a_revoked_job_is_begun(
    dispatcher: RedisDispatcher, album: Any, crew: Crew, raw: redis.Redis, until: Any
) -> None:
    gone, similar, kept = album.hand_in("job", 2), album.hand_in("job_1", 1), album.hand_in("other", 1)
    dispatcher.send([*gone, *similar, *kept])
    dispatcher.revoke("job")
    album.store.delete("job/")
    assert dispatcher.load().waiting == 2
    raw.rpush(photo_queue(raw).key, rq_id(gone[0]))  # a worker was just taking it
    work = ScriptedWork(album)
    crew.start(work)
    until(lambda: not album.without_outcome([*similar, *kept]))
    until(lambda: raw.llen(photo_queue(raw).intermediate_queue_key) == 0)
    assert set(work.seen) == {*similar, *kept}
    dispatcher.recover(gone)
    assert dispatcher.load().waiting == 0


def test_without_redis_nothing_is_taken_in_and_nothing_breaks(
    mortal_redis: Any, album: Any, settings_for: Any, caplog: pytest.LogCaptureFixture
) -> None:
    dispatcher = RedisDispatcher(settings_for(mortal_redis.url), album.store, LEASE)
    photos = album.hand_in("job", 2)
    mortal_redis.kill()
    with pytest.raises(QueueAway, match=r"^the queue is away: Redis cannot be reached$"):
        dispatcher.send(photos)
    assert dispatcher.progress("job") == {}
    dispatcher.recover(photos)
    dispatcher.revoke("job")
    load = dispatcher.load()
    assert (load.ready, load.reason) == (False, "the queue is away: Redis cannot be reached")
    mortal_redis.start()
    dispatcher.send(photos)
    assert dispatcher.load().waiting == 2
    assert [record.message for record in caplog.records] == [
        "the queue is away: Redis cannot be reached",
        "the queue is back",
    ]


def test_pickles_and_strangers_are_thrown_away_unread(
    album: Any, crew: Crew, dispatcher: RedisDispatcher, raw: redis.Redis, until: Any, tmp_path: Path
) -> None:
    """Whoever can write into Redis must not be able to run anything."""
    mark = tmp_path / "unpickled"
    function = json.dumps(["pathlib.Path.touch", None, [str(mark)], {}]).encode()
    path_up = json.dumps(["clearface.photo", None, ["../../up", 1, 1], {}]).encode()
    jobs: dict[str, bytes] = {
        "pickled": pickle.dumps(_Exploding(mark)),
        "function": function,
        "../../up_1": path_up,
        "another_1": json.dumps(["clearface.photo", None, ["job", 1, 1], {}]).encode(),
        "broken": b"\x80",
    }
    queue = photo_queue(raw)
    for name, data in jobs.items():
        raw.hset(f"rq:job:{name}", mapping={"data": zlib.compress(data), "status": "queued", "meta": pickle.dumps({})})
        raw.rpush(queue.key, name)
    raw.hset("rq:job:odd", mapping={"data": b"1", "status": "nonsense"})
    raw.rpush(queue.key, "odd")
    [photo] = album.hand_in("job", 1)
    dispatcher.send([photo])
    work = ScriptedWork(album)
    crew.start(work)
    until(lambda: not album.without_outcome([photo]))
    crew.end()
    assert work.seen == [photo]
    assert not mark.exists()
    assert raw.llen(queue.intermediate_queue_key) == 0
    assert not raw.exists(*(f"rq:job:{name}" for name in [*jobs, "odd"]))


class _Exploding:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


def test_nothing_is_left_in_redis_of_photos_that_are_over(
    dispatcher: RedisDispatcher, album: Any, crew: Crew, raw: redis.Redis, until: Any
) -> None:
    photos = album.hand_in("job", 3)
    dispatcher.send(photos)
    crew.start(ScriptedWork(album))
    until(lambda: not album.without_outcome(photos))
    crew.end()
    assert sorted(raw.scan_iter()) == [b"clearface:pace", b"rq:queues"]


def test_a_photo_taken_over_by_another_worker_is_left_to_it(redis_url: str, raw: redis.Redis) -> None:
    leases, photo = Leases(raw, LEASE), PhotoKey("job", 1)
    assert leases.take(photo, "silent")
    raw.delete(f"clearface:lease:{rq_id(photo)}")  # it was not heard of
    assert leases.take(photo, "quick")
    assert not leases.renew(photo, "silent", Progress("restoring", 0.9))
    leases.renew(photo, "quick", Progress("reading", 0.1))
    leases.finish(photo, "silent")
    assert leases.progress("job") == {1: Progress("reading", 0.1)}
    leases.finish(photo, "quick")
    assert leases.progress("job") == {}


def test_progress_of_a_worker_that_is_silent_is_not_told(raw: redis.Redis) -> None:
    leases, photos = Leases(raw, LEASE), [PhotoKey("job", 1), PhotoKey("job", 2)]
    for photo in photos:
        leases.renew(photo, f"worker{photo.number}", Progress("finding", 0.3))
    raw.delete(f"clearface:lease:{rq_id(photos[0])}")
    assert leases.progress("job") == {2: Progress("finding", 0.3)}


def test_sending_begins_anew_where_the_queue_changed(
    dispatcher: RedisDispatcher, album: Any, raw: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, changes = Pipeline.watch, iter([True, True, False])

    def watch_and_change(pipeline: Pipeline, *names: str) -> object:
        answer = watch(pipeline, *names)  # type: ignore[no-untyped-call]
        if next(changes):
            raw.rpush(photo_queue(raw).key, "someone-elses")
        return answer

    monkeypatch.setattr(Pipeline, "watch", watch_and_change)
    dispatcher.send(album.hand_in("job", 2))
    assert dispatcher.load().waiting == 4


def test_an_address_that_cannot_be_one_is_refused(album: Any) -> None:
    with pytest.raises(UsageError, match="redis://host:6379/0"):
        RedisDispatcher(ServerSettings(queue_url="localhost:6379"), album.store)


def test_the_password_is_in_no_sentence(album: Any) -> None:
    dispatcher = RedisDispatcher(ServerSettings(queue_url="redis://:hunter2@127.0.0.1:1/0"), album.store)
    with pytest.raises(QueueAway) as away:
        dispatcher.send([PhotoKey("job", 1)])
    assert "hunter2" not in str(away.value)
