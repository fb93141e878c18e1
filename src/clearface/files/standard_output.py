"""Standard output, which may be full, closed, or a pipe whose reader has gone."""

import os
import sys
from contextlib import suppress

from clearface.errors import PhotoError
from clearface.files.explanations import reason


def write_standard_output(data: bytes) -> None:
    """Writes all bytes at once. Raises PhotoError where they do not arrive."""
    if sys.stdout is None:
        raise PhotoError("standard output: it is closed")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        give_up()
        raise PhotoError(f"standard output: cannot be written: {reason(error)}") from error


class Speaker:
    """Prints lines on standard output or error; where they do not arrive it falls silent rather than stop the work."""

    def __init__(self, to_stdout: bool) -> None:
        self._to_stdout = to_stdout
        self.problem: str | None = None
        """Why lines were lost: a sentence, or None."""

    def say(self, line: str) -> None:
        """One line, at once; letters the terminal cannot show are escaped."""
        stream = sys.stdout if self._to_stdout else sys.stderr
        if stream is None or self.problem is not None:
            return
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            print(line.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
        except OSError as error:
            self.problem = f"standard output: cannot be written: {reason(error)}"
            if self._to_stdout:
                give_up()


def complain(sentence: str) -> None:
    """One sentence on standard error, as from this program."""
    Speaker(to_stdout=False).say(f"clearface: {sentence}")


def give_up() -> None:
    """Sends what is still buffered nowhere, so that the interpreter does not fail on it once more at its end."""
    with suppress(OSError, ValueError):  # a stream without a file, as in tests, has nothing to send on
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
