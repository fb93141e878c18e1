"""Ctrl-C as a wish that is granted at the end of the step."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class InterruptionWatch:
    """While it is entered, the first Ctrl-C sets `asked` and the second one interrupts as usual."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Self:
        # signals reach the main thread only; elsewhere nothing is watched
        self._watching = threading.current_thread() is threading.main_thread()
        if self._watching:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._watching:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
