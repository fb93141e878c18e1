"""What can go wrong between a client and a server; each carries the server's own sentence where it gave one."""

from collections.abc import Mapping

from clearface.errors import ClearfaceError


class ServerError(ClearfaceError):
    """Base of them all; this one itself where the server failed."""


class Unreachable(ServerError):
    """No answer came: no server at that address, a broken connection, or none in time."""


class StrangeAnswer(ServerError):
    """The answer is not one of a clearface server."""


class NotAuthorized(ServerError):
    """The token is missing or wrong."""


class NotFound(ServerError):
    """There is no such job, photo or call, or no longer."""


class StillWorking(ServerError):
    """What is asked for is not ready yet."""


class Refused(ServerError):
    """A photo that cannot be read, is too large or of an unknown kind, or options that make no sense."""

    def __init__(self, sentence: str, fields: Mapping[str, tuple[str, ...]] | None = None) -> None:
        super().__init__(sentence)
        self.fields: dict[str, tuple[str, ...]] = dict(fields or {})
        """What is wrong with which option; empty where it is none of them."""


class Busy(ServerError):
    """Too much waits already, or too much was asked for within a minute."""

    def __init__(self, sentence: str, retry_after: float) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        """Seconds until it is worth trying again."""


class Unavailable(ServerError):
    """The server is there, but its queue, its store or its workers are not."""

    def __init__(self, sentence: str, retry_after: float) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        """Seconds until it is worth trying again."""
