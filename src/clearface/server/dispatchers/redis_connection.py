"""The connection to Redis, and what is said where there is none."""

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from clearface.errors import UsageError

_SECONDS = 3.0
"""Until a Redis that does not answer counts as away."""


def connect(url: str, seconds: float = _SECONDS) -> redis.Redis:
    """A connection that is made when it is first used, and made anew once where it was cut. Safe to use from many threads.

    seconds: how long an answer may take. Raises UsageError for an address that cannot be one.
    """
    try:
        return redis.Redis.from_url(
            url,
            socket_connect_timeout=seconds,
            socket_timeout=seconds,
            retry=Retry(NoBackoff(), 1),
            decode_responses=False,
        )
    except ValueError as error:
        raise UsageError(
            "the address of the queue has to look like redis://host:6379/0, rediss:// with TLS, or unix:///path/to/socket"
        ) from error


def why_away(error: exceptions.RedisError) -> str:
    """One sentence that holds neither the address nor the password."""
    if isinstance(error, exceptions.AuthenticationError):
        return "Redis refuses the name or the password in the address of the queue"
    if isinstance(error, exceptions.BusyLoadingError):
        return "Redis is still loading"
    if isinstance(error, exceptions.TimeoutError):
        return "Redis does not answer in time"
    if isinstance(error, exceptions.ConnectionError):
        return "Redis cannot be reached"
    return f"Redis cannot be used now ({type(error).__name__})"
