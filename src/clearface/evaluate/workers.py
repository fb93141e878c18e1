"""Processes that work side by side, and end well whatever happens."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from clearface.errors import ClearfaceError
from clearface.evaluate.measuring import calm_threads

ArgumentT = TypeVar("ArgumentT")
AnswerT = TypeVar("AnswerT")


class Workers:
    """A pool of processes."""

    def __init__(self, pool: ProcessPoolExecutor, count: int) -> None:
        self._pool = pool
        self.count = count

    def each(
        self, function: Callable[[ArgumentT], AnswerT], arguments: Sequence[ArgumentT]
    ) -> Iterator[tuple[ArgumentT, AnswerT]]:
        """Every argument with the answer of the function, as they come; at most two a process wait.

        Raises what the function raises, and ClearfaceError where a process died.
        """
        waiting: dict[Future[AnswerT], ArgumentT] = {}
        pending = list(reversed(arguments))
        try:
            while pending or waiting:
                while pending and len(waiting) < 2 * self.count:
                    argument = pending.pop()
                    waiting[self._pool.submit(function, argument)] = argument
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield waiting.pop(future), future.result()
        except BrokenProcessPool as error:
            raise ClearfaceError(
                "a process that measured was ended from outside, perhaps for want of memory: "
                "the same command goes on from here; --workers 1 needs least"
            ) from error


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """`count` fresh processes; what they have not begun is dropped where the block is left by an exception."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin)
    try:
        yield Workers(pool, count)
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        # waits for the pool's own thread: one that still closes while the interpreter ends breaks the interpreter's end
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the first one ends the others
    calm_threads()
