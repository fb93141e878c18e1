"""The shapes of answers, as the API's document tells them."""

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Float, Integer, List, Nested, String

from clearface.recognition.base import Decision
from clearface.report import Status
from clearface.server.jobs.states import Stage
from clearface.server.orders import Task
from clearface.verdicts import Verdict


def schema_name(schema: Schema | type[Schema]) -> str:
    """What the document calls it."""
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def _choices(words: type[Task] | type[Stage] | type[Status] | type[Verdict]) -> dict[str, object]:
    return {"enum": [word.value for word in words]}


class ErrorSchema(Schema):
    """What went wrong."""

    error = String(required=True, metadata={"description": "One sentence."})
    problems = Dict(
        keys=String(),
        values=List(String()),
        data_key="fields",  # a schema has fields of its own
        metadata={"description": "Sentences about single options, by their names."},
    )


class BlurSchema(Schema):
    """How a face was blurred, lengths in pixels of the photo."""

    words = String(required=True)
    kind = String(required=True)
    length = Float(required=True)
    angle = Float(required=True, allow_none=True, metadata={"description": "Degrees, counter-clockwise."})
    certainty = Float(required=True)
    varies = Boolean(required=True)


class ShortAnswerSchema(Schema):
    """Who a face is said to be."""

    decision = String(required=True, metadata={"enum": [word.value for word in Decision]})
    name = String(required=True, allow_none=True, metadata={"description": "Null unless somebody is named."})
    probability = Float(required=True, allow_none=True, metadata={"description": "Of the most likely person, 0 to 1."})
    distance = Float(
        required=True, allow_none=True, metadata={"description": "Cosine distance to that person, 0 to 2."}
    )


class CandidateSchema(Schema):
    """Somebody a face may be."""

    name = String(required=True)
    description = String(required=True)
    link = String(required=True, allow_none=True)
    probability = Float(required=True)
    distance = Float(required=True)
    photo = String(required=True, metadata={"description": "The photo of this person it is nearest to."})


class RateSchema(Schema):
    """A share that was measured, with its interval of 95%."""

    value = Float(required=True)
    low = Float(required=True)
    high = Float(required=True)
    count = Integer(required=True, metadata={"description": "Of how many trials."})


class ExpectedErrorsSchema(Schema):
    """How often such answers are wrong."""

    condition = String(required=True, metadata={"description": "The faces that were measured."})
    words = String(required=True, metadata={"description": "All of this in one clause."})
    missed = Nested(RateSchema, required=True)
    strangers_named = Nested(RateSchema, required=True)


class IdentitySchema(ShortAnswerSchema):
    """Who a face is said to be, and how far that can be trusted."""

    candidates = List(Nested(CandidateSchema), required=True, metadata={"description": "The most likely first."})
    threshold = Float(required=True, metadata={"description": "Greatest distance at which somebody is named."})
    size = Float(required=True, metadata={"description": "Side of the face's square in pixels of the photo."})
    blur = Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "How far a point is spread, in sides of that square; null where nothing can be told of it."
        },
    )
    expected = Nested(ExpectedErrorsSchema, required=True)
    before = Nested(
        ShortAnswerSchema,
        required=True,
        allow_none=True,
        metadata={"description": "For the face as it is, where both were asked."},
    )
    after = Nested(
        ShortAnswerSchema, required=True, allow_none=True, metadata={"description": "For the restored face."}
    )
    restored = String(required=True, allow_none=True, metadata={"description": "What the restorer decided about it."})
    disagreement = String(
        required=True,
        allow_none=True,
        metadata={"description": "How both contradict each other: then nobody is named."},
    )


class FaceSchema(Schema):
    """One face of one frame."""

    frame = Integer(required=True)
    number = Integer(required=True, metadata={"description": "Within its frame, from 1."})
    box = List(
        Float(), required=True, metadata={"description": "Left, top, right, bottom in pixels of the upright photo."}
    )
    landmarks = List(
        List(Float()), required=True, metadata={"description": "Eyes, nose, corners of the mouth: x and y of each."}
    )
    score = Float(required=True)
    working_size = Integer(metadata={"description": "Side of the square it was restored at, in pixels."})
    verdict = String(metadata=_choices(Verdict))
    left_as_it_was = Boolean()
    explained = Float(metadata={"description": "How well the result, blurred again, explains the photo, 0 to 1."})
    blur = Nested(BlurSchema)
    hidden = Boolean(metadata={"description": "Whether it was hidden, where that was the task."})
    identity = Nested(IdentitySchema, metadata={"description": "Who it is, where that was the task."})


class ReportSchema(Schema):
    """What became of a photo: what `clearface restore`, `detect`, `hide` and `identify` print with `--json`."""

    input = String(required=True)
    output = String(required=True, allow_none=True)
    status = String(required=True, metadata=_choices(Status))
    faces = List(Nested(FaceSchema), required=True)
    left_out = Integer(required=True, metadata={"description": "Faces that were found but not selected."})
    seconds = Dict(keys=String(), values=Float(), required=True, metadata={"description": "Spent in each step."})
    notes = List(String(), required=True)
    extras = List(String(), required=True)
    error = String(required=True, allow_none=True)


class ExtraDataSchema(Schema):
    """A picture made beside a result."""

    name = String(required=True)
    media_type = String(required=True)
    data = String(required=True, metadata={"format": "byte"})


class WorkedSchema(ReportSchema):
    """What became of a photo, and the photo."""

    image = String(
        required=True,
        allow_none=True,
        metadata={"format": "byte", "description": "The result; null where there is none."},
    )
    media_type = String(required=True, allow_none=True)
    extras = List(Nested(ExtraDataSchema), required=True)


class ResultSchema(Schema):
    """Where a result is fetched."""

    url = String(required=True)
    name = String(required=True)
    media_type = String(required=True)
    bytes = Integer(required=True)


class ExtraSchema(Schema):
    """Where a picture made beside a result is fetched."""

    name = String(required=True)
    url = String(required=True)


class FaceViewSchema(Schema):
    """Where pictures of one face are fetched."""

    frame = Integer(required=True)
    number = Integer(required=True)
    before = String(required=True)
    after = String(required=True)
    confidence = String(required=True, allow_none=True)
    kernel = String(required=True, allow_none=True)


class ViewSchema(Schema):
    """Where pictures to look at are fetched."""

    width = Integer(required=True, metadata={"description": "Of the upright photo in pixels."})
    height = Integer(required=True)
    frames = Integer(required=True)
    before = String(required=True)
    after = String(required=True)
    faces = List(Nested(FaceViewSchema), required=True)


class FaceKeySchema(Schema):
    """Which face, as the report numbers them."""

    frame = Integer(required=True, metadata={"minimum": 1})
    number = Integer(required=True, metadata={"minimum": 1})


class PhotoSchema(Schema):
    """Where one photo of a job stands."""

    number = Integer(required=True)
    name = String(required=True)
    state = String(required=True, metadata=_choices(Stage))
    step = String(required=True, allow_none=True, metadata={"description": "What is done right now."})
    fraction = Float(required=True, metadata={"description": "How much of the work is done, 0 to 1."})
    revision = Integer(required=True, metadata={"description": "Counts how often the result was made anew."})
    error = String(required=True, allow_none=True)
    fault = String(
        required=True,
        allow_none=True,
        metadata={"description": "Whose fault it was: photo, usage, limit, or server, where trying again may help."},
    )
    report = Nested(ReportSchema, required=True, allow_none=True)
    left = List(Nested(FaceKeySchema), required=True, metadata={"description": "Faces left as they were on request."})
    result = Nested(ResultSchema, required=True, allow_none=True)
    extras = List(Nested(ExtraSchema), required=True)
    view = Nested(ViewSchema, required=True, allow_none=True)


class JobLinksSchema(Schema):
    """Where a job is followed and its results are fetched."""

    itself = String(required=True, data_key="self")
    events = String(required=True)
    results = String(required=True)


class JobSchema(Schema):
    """Where a job stands."""

    id = String(required=True)
    task = String(required=True, metadata=_choices(Task))
    options = Dict(keys=String(), required=True, metadata={"description": "Those that are not as they are by default."})
    state = String(required=True, metadata=_choices(Stage))
    created = String(required=True, metadata={"format": "date-time"})
    expires = String(
        required=True,
        allow_none=True,
        metadata={"format": "date-time", "description": "When it is deleted; null while it is worked on."},
    )
    done = Integer(required=True)
    failed = Integer(required=True)
    photos = List(Nested(PhotoSchema), required=True)
    links = Nested(JobLinksSchema, required=True)


class OfferedRestorerSchema(Schema):
    """A restorer."""

    name = String(required=True)
    summary = String(required=True)
    default = Boolean(required=True)
    takes = List(String(), required=True, metadata={"description": "Names of options."})


class OfferedDetectorSchema(Schema):
    """A detector."""

    name = String(required=True)
    summary = String(required=True)


class LimitsSchema(Schema):
    """What is refused before it is decoded."""

    bytes = Integer(required=True, metadata={"description": "Of one photo."})
    request_bytes = Integer(required=True, metadata={"description": "Of all photos of a request."})
    files = Integer(required=True)
    pixels = Integer(required=True, metadata={"description": "Width times height times frames."})
    frames = Integer(required=True)


class AboutSchema(Schema):
    """What this server does."""

    version = String(required=True)
    tasks = List(String(metadata=_choices(Task)), required=True)
    restorers = List(Nested(OfferedRestorerSchema), required=True)
    detectors = List(Nested(OfferedDetectorSchema), required=True)
    kinds = List(String(), required=True)
    accept = String(required=True, metadata={"description": "For the `accept` of a file input."})
    limits = Nested(LimitsSchema, required=True)
    keep_minutes = Float(required=True)
    token_required = Boolean(required=True)


class HealthSchema(Schema):
    """How the server is."""

    status = String(required=True)
