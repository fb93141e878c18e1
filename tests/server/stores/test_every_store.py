"""What `Store` promises, of every store there is."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from clearface.server.stores.base import Missing, Store


def test_what_is_put_is_there(store: Store) -> None:
    store.put("job/1/upload", b"a photo")
    assert store.get("job/1/upload") == b"a photo"
    assert store.size("job/1/upload") == 7


def test_what_is_put_again_is_replaced(store: Store) -> None:
    store.put("job/job.json", b"before")
    store.put("job/job.json", b"")
    assert store.get("job/job.json") == b""
    assert store.size("job/job.json") == 0


def test_a_file_is_put(store: Store, file_of: Callable[[bytes], Path]) -> None:
    data = bytes(range(256)) * 50_000  # in parts, where a store has them
    store.put_file("job/1/result", file_of(data))
    assert store.get("job/1/result") == data
    store.put_file("job/1/result", file_of(b"another"))
    assert store.get("job/1/result") == b"another"


def test_what_is_not_there_is_missing(store: Store) -> None:
    store.put("job/1/upload", b"a photo")
    for name in ("nothing", "job/1/result", "job/1/upload/inside"):
        with pytest.raises(Missing):
            store.get(name)
        assert store.size(name) is None


def test_names_are_told_in_order(store: Store) -> None:
    for name in ("job/2/upload", "job/10/upload", "job/1/view/before.webp", "job/job.json", "other/job.json", "job2/a"):
        store.put(name, b"x")
    assert list(store.names("job/")) == [
        "job/1/view/before.webp",
        "job/10/upload",
        "job/2/upload",
        "job/job.json",
    ]
    assert list(store.names("job/1/")) == ["job/1/view/before.webp"]
    assert len(list(store.names(""))) == 6
    assert list(store.names("nothing/")) == []


def test_deleting_takes_what_is_below_and_nothing_beside(store: Store) -> None:
    for name in ("job/1/upload", "job/job.json", "job2/job.json", "jo/job.json"):
        store.put(name, b"x")
    store.delete("job/")
    store.delete("job/")
    store.delete("nothing/")
    assert list(store.names("")) == ["jo/job.json", "job2/job.json"]
    assert store.size("job/job.json") is None


def test_a_store_that_works_leaves_nothing_of_its_check(store: Store) -> None:
    store.check()
    assert list(store.names("")) == []


def test_what_cannot_be_a_name_is_refused(store: Store) -> None:
    for name in ("", "/", "../up", "a/../b", "a//b", "/a", "a/", ".hidden", "a/.b", "a b", "a\nb", "a\n", "a\\b"):
        with pytest.raises(ValueError, match="name"):
            store.put(name, b"x")
        with pytest.raises(ValueError, match="name"):
            store.get(name)
        with pytest.raises(ValueError, match="name"):
            store.size(name)


def test_what_cannot_be_a_prefix_is_refused(store: Store) -> None:
    for prefix in ("../", "/", "a//", "a/../", "./"):
        with pytest.raises(ValueError, match=r"name|prefix"):
            store.delete(prefix)
        with pytest.raises(ValueError, match=r"name|prefix"):
            list(store.names(prefix))


def test_an_entry_is_whole_whenever_it_is_read(store: Store) -> None:
    entries = [bytes([digit]) * 100_000 for digit in range(4)]
    store.put("entry", entries[0])
    done = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not done.is_set():
            seen.add(store.get("entry"))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(5):
        for entry in entries:
            store.put("entry", entry)
    done.set()
    reader.join()
    assert seen <= set(entries)
