"""Which photos are looked at, and which units are made of what was seen."""

from collections.abc import Callable, Sequence
from pathlib import Path

from clearface.errors import PhotoError, UsageError
from clearface.evaluate.looking import Look, LookJob
from clearface.evaluate.results import TestFacts
from clearface.evaluate.settings import EvaluationSettings, PairedFolders, RealFolder, SharpFolder, Source
from clearface.evaluate.units import Unit, UnitFace, units_of
from clearface.files.explanations import shown
from clearface.files.inputs import InputFile, find_inputs
from clearface.photos.kinds import PHOTO_EXTENSIONS

MOST_NAMED = 20
"""So many files are named where a list would be longer."""


def jobs_of(source: Source) -> list[LookJob]:
    """The photos of a source in the order of their names, those to be skipped left out.

    Raises UsageError for folders that are none or empty, PhotoError, with the list, for pictures without their twins.
    """
    if isinstance(source, PairedFolders):
        jobs = _paired_jobs(source)
    else:
        jobs = [LookJob(file.relative.as_posix(), file.path) for file in _photos(source.folder)]
    kept = jobs[source.skip :]
    if not kept:
        raise UsageError(f"--skip {source.skip} leaves nothing of {len(jobs)} photos")
    return kept


def looks_for_faces(source: Source) -> bool:
    """Whether the faces have to be found."""
    return not isinstance(source, PairedFolders) or source.faces_size is not None


def left_out(jobs: Sequence[LookJob], looks: Sequence[Look], source: Source) -> dict[str, str]:
    """Photos that could be read and yet are not measured, with a sentence why."""
    if not looks_for_faces(source):
        return {}
    return {
        job.name: f"{shown(job.path)}: no face was found"
        for job, look in zip(jobs, looks, strict=True)
        if look.problem is None and not look.faces
    }


def faces_of(jobs: Sequence[LookJob], looks: Sequence[Look], source: Source) -> list[UnitFace]:
    """What is measured: every photo that could be read and, where faces are looked for, has one."""
    chosen: list[UnitFace] = []
    for job, look in zip(jobs, looks, strict=True):
        if look.problem is not None or (looks_for_faces(source) and not look.faces):
            continue
        faces = look.faces if isinstance(source, RealFolder) else look.faces[:1]
        chosen.append(UnitFace(job.name, len(chosen), job.path, job.twins, faces, look.checksum))
        if len(chosen) == source.faces:
            break
    return chosen


def units_for(settings: EvaluationSettings, faces: Sequence[UnitFace], looks: Sequence[Look]) -> list[Unit]:
    """The faces of every test, in units."""
    source = settings.source
    shapes = {look.name: look.shape for look in looks}
    if isinstance(source, SharpFolder):
        return [unit for test in settings.tests for unit in units_of(test.name, faces, _all_of(test.size))]
    test = test_name(source)
    if isinstance(source, PairedFolders) and source.faces_size is not None:
        return units_of(test, faces, _all_of(source.faces_size))
    return units_of(test, faces, lambda face: shapes[face.name])


def _all_of(side: int) -> Callable[[UnitFace], tuple[int, int]]:
    return lambda _: (side, side)


def test_name(source: PairedFolders | RealFolder) -> str:
    """What the only test of such a source is called."""
    return "pairs" if isinstance(source, PairedFolders) else "real"


def tests_of(settings: EvaluationSettings, faces: int) -> tuple[TestFacts, ...]:
    """The tests in words. faces: how many are measured in each."""
    source = settings.source
    if isinstance(source, PairedFolders):
        whole = (
            "measured whole" if source.faces_size is None else f"the largest face of each at {source.faces_size} pixels"
        )
        return (
            TestFacts(
                test_name(source),
                f"pictures of {source.other.resolve().name}/ beside their sharp twins, {whole}",
                faces,
                True,
            ),
        )
    if isinstance(source, RealFolder):
        summary = "photos as they are, nobody knows how they should look: every face before and after"
        return (TestFacts(test_name(source), summary, faces, False),)
    from clearface.degrade.protocols import protocol_named

    facts = []
    for test in settings.tests:
        protocol = protocol_named(test.protocol)
        cut = "cropped to the box of the face and tilted by up to 20 degrees" if test.tight else "FFHQ squares"
        words = protocol.summary
        if protocol.from_file and settings.kernels is not None:
            words = words.replace("a file", settings.kernels.name)
        facts.append(TestFacts(test.name, f"{words}; {cut}, {test.size} pixels", faces, True))
    return tuple(facts)


def _photos(folder: Path) -> list[InputFile]:
    if not folder.is_dir():
        problem = "is no folder" if folder.exists() else "there is no such folder"
        raise UsageError(f"{shown(folder)}: {problem}")
    found = find_inputs([str(folder)], PHOTO_EXTENSIONS)
    if found.problems:
        raise UsageError(found.problems[0].sentence)
    return sorted(found.files, key=lambda file: file.relative.as_posix())


def _paired_jobs(source: PairedFolders) -> list[LookJob]:
    """Pairs by place below the folder, the extension aside."""
    sharp = _by_stem(source.sharp)
    jobs_twins: dict[str, list[Path]] = {stem: [] for stem in sharp}
    missing: list[str] = []
    for folder in (source.other, *source.outputs):
        others = _by_stem(folder)
        missing += [
            f"{shown(file.path)} has no twin in {shown(folder)}" for stem, file in sharp.items() if stem not in others
        ]
        missing += [
            f"{shown(file.path)} has no twin in {shown(source.sharp)}"
            for stem, file in others.items()
            if stem not in sharp
        ]
        for stem, twins in jobs_twins.items():
            twins += [others[stem].path] if stem in others else []
    if missing:
        raise PhotoError(listed("the folders do not pair", missing))
    return [LookJob(file.relative.as_posix(), file.path, tuple(jobs_twins[stem])) for stem, file in sharp.items()]


def _by_stem(folder: Path) -> dict[str, InputFile]:
    files: dict[str, InputFile] = {}
    for file in _photos(folder):
        stem = file.relative.with_suffix("").as_posix()
        if stem in files:
            raise UsageError(
                f"{shown(file.path)} and {shown(files[stem].path)} differ in their extension alone, and pairs are made by name"
            )
        files[stem] = file
    return files


def output_names(source: PairedFolders) -> list[str]:
    """What the results of other programs are called among the methods: after their folders, as no restorer is.

    With the folder above where two would be called the same. Without methods to compare, `other` is such results.
    """
    folders = [folder.resolve() for folder in source.outputs or (source.other,)]
    names = [f"{folder.name}/" for folder in folders]
    return [
        name if names.count(name) == 1 else f"{folder.parent.name}/{name}"
        for name, folder in zip(names, folders, strict=True)
    ]


def listed(what: str, sentences: Sequence[str]) -> str:
    """A sentence and the list it is about, one to a line."""
    named = [f"  {sentence}" for sentence in sentences[:MOST_NAMED]]
    more = len(sentences) - len(named)
    return "\n".join([f"{what}:", *named, *([f"  and {more} more"] if more else [])])
