"""Samples drawn ahead, so that the accelerator need not wait for them."""

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from clearface.train.engine.tasks import DrawnT, Task


def drawn_batches(task: Task[DrawnT, Any], steps: range, samples: range, workers: int) -> Generator[DrawnT, None, None]:
    """What each step draws, in order. workers: threads that draw ahead, two steps each; 0 draws when asked.

    The same comes of it for any number of workers, since a draw depends on nothing but the step and the sample.
    """
    if workers == 0:
        for step in steps:
            yield task.draw(step, samples)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="draw") as pool:
        waiting: deque[Future[DrawnT]] = deque()
        try:
            for step in steps:
                waiting.append(pool.submit(task.draw, step, samples))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
