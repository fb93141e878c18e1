"""A client of the server that `clearface serve` starts.

    from clearface.client import Client

    with Client("http://127.0.0.1:8000") as client:
        restored = client.restore("photo.jpg", fidelity=0.7)
        restored.image          # bytes of restored.media_type
        restored.report.faces   # what `clearface restore --json` tells of each

It needs nothing of clearface but urllib3: no NumPy, no network file.
"""

from clearface.client.answers import (
    About,
    BlurAnswer,
    CandidateAnswer,
    DetectedPhoto,
    ExpectedErrorsAnswer,
    Extra,
    FaceAnswer,
    HiddenPhoto,
    IdentifiedPhoto,
    IdentityAnswer,
    Job,
    JobPhoto,
    PhotoReport,
    RateAnswer,
    RestoredPhoto,
    ShortAnswer,
)
from clearface.client.client import Client
from clearface.client.errors import (
    Busy,
    NotAuthorized,
    NotFound,
    Refused,
    ServerError,
    StillWorking,
    StrangeAnswer,
    Unavailable,
    Unreachable,
)
from clearface.server.jobs.states import Stage
from clearface.server.orders import FaceKey, PhotoTask, Task

__all__ = [
    "About",
    "BlurAnswer",
    "Busy",
    "CandidateAnswer",
    "Client",
    "DetectedPhoto",
    "ExpectedErrorsAnswer",
    "Extra",
    "FaceAnswer",
    "FaceKey",
    "HiddenPhoto",
    "IdentifiedPhoto",
    "IdentityAnswer",
    "Job",
    "JobPhoto",
    "NotAuthorized",
    "NotFound",
    "PhotoReport",
    "PhotoTask",
    "RateAnswer",
    "Refused",
    "RestoredPhoto",
    "ServerError",
    "ShortAnswer",
    "Stage",
    "StillWorking",
    "StrangeAnswer",
    "Task",
    "Unavailable",
    "Unreachable",
]
