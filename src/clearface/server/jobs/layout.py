"""Where everything lies in the store."""

from clearface.server.dispatchers.base import PhotoKey


def job(job_id: str) -> str:
    """Below this lies all of a job."""
    return f"{job_id}/"


def manifest(job_id: str) -> str:
    """What was handed in; written first, and without it there is no job."""
    return f"{job_id}/job.json"


def end(job_id: str) -> str:
    """When the job was over."""
    return f"{job_id}/end.json"


def photo(key: PhotoKey) -> str:
    """Below this lies all of a photo."""
    return f"{key.job_id}/{key.number}/"


def order(key: PhotoKey) -> str:
    """What is to be done with it."""
    return photo(key) + "order.json"


def upload(key: PhotoKey) -> str:
    """The photo as it came in."""
    return photo(key) + "upload"


def outcome(key: PhotoKey) -> str:
    """What came of it; written last."""
    return photo(key) + "outcome.json"


def result(key: PhotoKey) -> str:
    """What was made of it."""
    return photo(key) + "result"


def view(key: PhotoKey, name: str) -> str:
    """A picture a page shows of it."""
    return photo(key) + f"view/{name}"


def extra(key: PhotoKey, ending: str) -> str:
    """A further file made of it."""
    return photo(key) + f"extras/{ending}"
