"""Who works on which photo right now, and how far it is."""

from collections.abc import Sequence

from redis import Redis
from redis.client import Pipeline
from rq.utils import as_text

from clearface.server.dispatchers.base import PhotoKey, Progress
from clearface.server.dispatchers.redis_jobs import rq_id, rq_key

LEASE_SECONDS = 15.0
"""How long a photo stays with a worker of which nothing is heard."""

_RENEW = """
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
redis.call('hset', KEYS[2], ARGV[3], ARGV[4])
redis.call('pexpire', KEYS[2], ARGV[2])
return 1
"""
"""A lease that Redis lost is taken again, so that a photo under way is not sent to another worker too."""

_END = """
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
redis.call('hdel', KEYS[2], ARGV[2])
if ARGV[3] == '' then
    redis.call('del', KEYS[3])
elseif redis.call('exists', KEYS[3]) == 1 then
    redis.call('hset', KEYS[3], 'status', ARGV[3])
end
return 1
"""
"""Nothing of another worker's is touched: it took the photo over after this one was not heard of."""


def lease_key(photo: PhotoKey) -> str:
    """Where Redis keeps who works on the photo."""
    return f"clearface:lease:{rq_id(photo)}"


def progress_key(job_id: str) -> str:
    """Where Redis keeps how far the photos of a job are."""
    return f"clearface:progress:{job_id}"


class Leases:
    """The leases of all workers. Every method raises what Redis raises."""

    def __init__(self, connection: Redis, seconds: float = LEASE_SECONDS) -> None:
        self.seconds = seconds
        self._connection = connection
        self._milliseconds = round(1000 * seconds)
        self._renew = connection.register_script(_RENEW)
        self._end = connection.register_script(_END)

    def take(self, photo: PhotoKey, worker: str) -> bool:
        """Whether the photo is now this worker's; False where another works on it."""
        return bool(self._connection.set(lease_key(photo), worker, nx=True, px=self._milliseconds))

    def renew(self, photo: PhotoKey, worker: str, progress: Progress) -> bool:
        """False where another worker has it by now."""
        told = f"{progress.step} {progress.fraction:.4f}"
        keys = [lease_key(photo), progress_key(photo.job_id)]
        return bool(self._renew(keys=keys, args=[worker, self._milliseconds, photo.number, told]))

    def finish(self, photo: PhotoKey, worker: str) -> None:
        """The photo is over: RQ forgets it."""
        self._end_with(photo, worker, "")

    def break_off(self, photo: PhotoKey, worker: str) -> None:
        """The work came to nothing: RQ calls it failed, which is how recovery finds it."""
        self._end_with(photo, worker, "failed")

    def progress(self, job_id: str) -> dict[int, Progress]:
        """Of the photos of a job that a worker has, and was heard of."""
        told = self._connection.hgetall(progress_key(job_id))
        if not told:
            return {}
        numbers = [int(number) for number in told]
        with self._connection.pipeline(transaction=False) as pipeline:
            for number in numbers:
                pipeline.exists(lease_key(PhotoKey(job_id, number)))
            held = pipeline.execute()
        return {
            number: _progress(as_text(value))
            for number, value, there in zip(numbers, told.values(), held, strict=True)
            if there
        }

    def _end_with(self, photo: PhotoKey, worker: str, status: str) -> None:
        keys = [lease_key(photo), progress_key(photo.job_id), rq_key(photo)]
        self._end(keys=keys, args=[worker, photo.number, status])


def forget_progress(pipeline: Pipeline, photos: Sequence[PhotoKey]) -> None:
    """Adds to a pipeline that nobody works on these photos."""
    for photo in photos:
        pipeline.hdel(progress_key(photo.job_id), str(photo.number))


def _progress(told: str) -> Progress:
    step, _, fraction = told.partition(" ")
    return Progress(step, float(fraction))
