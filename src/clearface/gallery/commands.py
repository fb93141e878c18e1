"""What each verb of `clearface gallery` does once its arguments are understood; returns the exit code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from clearface.embedders.base import Embedder
from clearface.embedders.registry import DEFAULT_EMBEDDER, EmbedderOptions, build_embedder
from clearface.errors import UsageError
from clearface.exit_codes import FAILED
from clearface.face_search import FaceSearch
from clearface.files.atomic import write_atomically
from clearface.files.explanations import FileProblem, shown
from clearface.files.inputs import find_inputs
from clearface.files.standard_output import Speaker, complain
from clearface.gallery.adding import FaceTaker, NewPerson, add_person
from clearface.gallery.base import GalleryPerson, PhotoNews
from clearface.gallery.fitting import fit_on_people
from clearface.gallery.likeness import LikenessJudge
from clearface.gallery.models import EmbedderChoice, check_model, described
from clearface.gallery.opening import open_gallery
from clearface.gallery.people_files import people_of_folder, people_of_table
from clearface.photos.kinds import PHOTO_EXTENSIONS
from clearface.photos.source import PhotoLimits
from clearface.progress import is_watched, progress_bar

_KEPT = (PhotoNews.ADDED, PhotoNews.ADDED_UNLIKE, PhotoNews.ALREADY_THERE)


@dataclass(frozen=True)
class GalleryVoice:
    """Who is told what a verb did: people by sentences, machines by a line of JSON."""

    json_lines: bool = False
    speaker: Speaker = field(default_factory=lambda: Speaker(to_stdout=True))

    def tell(self, sentence: str, values: Mapping[str, object]) -> None:
        """One thing that was done."""
        self.speaker.say(json.dumps(dict(values), ensure_ascii=False) if self.json_lines else sentence)

    def code(self, done: bool = True) -> int:
        """How clearface ends: with a failure too where lines were lost."""
        if self.speaker.problem is not None:
            complain(self.speaker.problem)
        return 0 if done and self.speaker.problem is None else FAILED


@dataclass(frozen=True)
class AddOptions:
    """Who is to be added; exactly one of photos, folder and table is given."""

    name: str | None = None
    photos: tuple[str, ...] = ()
    folder: Path | None = None
    table: Path | None = None
    description: str | None = None
    link: str | None = None


def chosen_embedder(name: str | None, model: Path | None, preset: str | None) -> EmbedderChoice:
    """An embedder as it was typed, the default where none was."""
    return EmbedderChoice(name or DEFAULT_EMBEDDER, model, preset)


def _build(choice: EmbedderChoice) -> Embedder:
    return build_embedder(choice.name, EmbedderOptions(model=choice.model, preset=choice.preset))


def run_add(
    place: str | None,
    options: AddOptions,
    search: FaceSearch,
    choice: EmbedderChoice,
    limits: PhotoLimits,
    voice: GalleryVoice,
) -> int:
    """Adds people, each in a transaction, and says what became of every photo; 1 where one could not be kept.

    Raises UsageError where nobody can tell who is meant, and what `clearface.gallery.adding.add_person` raises.
    """
    people, problems = _who(options)
    for problem in problems:
        complain(problem.sentence)
    embedder = _build(choice)
    detector = search.build()
    done = not problems
    with open_gallery(place, must_exist=False) as gallery:
        check_model(gallery, embedder, choice)
        taker = FaceTaker(detector, embedder, search.selection, limits, choice)
        judge = LikenessJudge.of(gallery, embedder)
        count = sum(len(person.photos) for person in people)
        with progress_bar("photos", count, is_watched() and count > 1) as progress:
            for person in people:
                for news in add_person(gallery, person, taker, judge, progress):
                    done = done and news.news in _KEPT
                    voice.tell(news.sentence, {"person": person.name} | asdict(news))
    return voice.code(done)


def _who(options: AddOptions) -> tuple[tuple[NewPerson, ...], tuple[FileProblem, ...]]:
    sources = [options.folder is not None, options.table is not None, options.name is not None]
    if sum(sources) != 1:
        raise UsageError("say who is to be added: NAME PHOTO..., or --folder PEOPLE, or --csv TABLE")
    if options.name is None and (options.description is not None or options.link is not None):
        raise UsageError("--description and --link are told of one person: a folder and a table have them for each")
    if options.folder is not None:
        return people_of_folder(options.folder), ()
    if options.table is not None:
        return people_of_table(options.table), ()
    assert options.name is not None
    if not options.photos:
        raise UsageError(f'name the photos of "{options.name}": clearface gallery add NAME PHOTO...')
    found = find_inputs(options.photos, PHOTO_EXTENSIONS)
    unread = [file for file in found.files if file.no_file]
    if unread:
        raise UsageError(f"{shown(unread[0].path)}: a gallery is made of photos in files")
    photos = tuple(file.path for file in found.files)
    return (NewPerson(options.name, photos, options.description, options.link),), found.problems


def run_list(place: str | None, voice: GalleryVoice) -> int:
    """Tells who is in the gallery."""
    with open_gallery(place) as gallery:
        people = gallery.people()
    if not people and not voice.json_lines:
        voice.tell("nobody is in this gallery", {})
    for person in people:
        photos = _photos(len(person.faces))
        told = f": {_one_line(person.description)}" if person.description else ""
        voice.tell(f"{person.name} ({photos}){told}", _summary(person))
    return voice.code()


def run_show(place: str | None, name: str, folder: Path | None, voice: GalleryVoice) -> int:
    """Tells all that is kept of a person, and with a folder writes their faces there. Raises PhotoError where it cannot."""
    with open_gallery(place) as gallery:
        person = gallery.person(name)
        if folder is not None:
            for face in person.faces:
                write_atomically(folder / f"face-{face.number}.webp", gallery.thumbnail(face.number))
    faces = [asdict(face) | {"added": face.added.isoformat()} for face in person.faces]
    lines = [person.name, *(line for line in (person.description, person.link) if line)]
    lines += [
        f"  face {face.number}, added {face.added:%Y-%m-%d %H:%M} UTC, quality {face.quality:.2f}: {face.photo}"
        for face in person.faces
    ]
    voice.tell("\n".join(lines), _summary(person) | {"faces": faces})
    return voice.code()


def run_rename(place: str | None, name: str, new_name: str, voice: GalleryVoice) -> int:
    """Calls a person otherwise."""
    with open_gallery(place) as gallery:
        gallery.rename(name, new_name)
        kept = gallery.person(new_name).name
    voice.tell(f'"{name}" is called "{kept}" now', {"name": name, "new_name": kept})
    return voice.code()


def run_describe(place: str | None, name: str, description: str | None, link: str | None, voice: GalleryVoice) -> int:
    """Tells something else of a person. Raises UsageError where nothing is told."""
    if description is None and link is None:
        raise UsageError('say what is to be told: --description TEXT, --link URL; "" takes it away')
    with open_gallery(place) as gallery:
        gallery.describe(name, description, link)
        person = gallery.person(name)
    voice.tell(f'"{person.name}": told anew', _summary(person))
    return voice.code()


def run_merge(place: str | None, name: str, others: Sequence[str], voice: GalleryVoice) -> int:
    """Makes several people one."""
    with open_gallery(place) as gallery:
        moved = gallery.merge(name, others)
        person = gallery.person(name)
    sentence = f'{_photos(moved)} came to "{person.name}", who has {_photos(len(person.faces))} now'
    voice.tell(sentence, {"moved": moved} | _summary(person))
    return voice.code()


def describe_removal(place: str | None, name: str, numbers: Sequence[int] | None) -> str:
    """What would be removed, as a question. Raises GalleryError where there is no such person."""
    with open_gallery(place) as gallery:
        person = gallery.person(name)
    if numbers:
        return f'Remove {_photos(len(set(numbers)))} of "{person.name}" for good?'
    return f'Remove "{person.name}" with {_photos(len(person.faces))} for good?'


def run_remove(place: str | None, name: str, numbers: Sequence[int] | None, voice: GalleryVoice) -> int:
    """Removes a person, or some faces of one, without a trace."""
    with open_gallery(place) as gallery:
        person = gallery.person(name).name
        gone = gallery.remove(name, numbers)
    what = f'{_photos(gone)} of "{person}"' if numbers else f'"{person}" and {_photos(gone)}'
    voice.tell(
        f"removed: {what}; exports and backups made before still have them", {"name": person, "removed_photos": gone}
    )
    return voice.code()


def run_export(place: str | None, path: Path, overwrite: bool, voice: GalleryVoice) -> int:
    """Writes the gallery into one file."""
    with open_gallery(place) as gallery:
        people = gallery.export(path, overwrite=overwrite)
    voice.tell(f"{shown(path)}: {_people(people)}", {"file": shown(path), "people": people})
    return voice.code()


def run_import(place: str | None, path: Path, existing: str, voice: GalleryVoice) -> int:
    """Takes in what was exported."""
    with open_gallery(place, must_exist=False) as gallery:
        people = gallery.import_(path, existing)
    voice.tell(f"{shown(path)}: {_people(people)} added", {"file": shown(path), "people": people})
    return voice.code()


def run_statistics(place: str | None, voice: GalleryVoice) -> int:
    """Tells what the gallery holds."""
    with open_gallery(place) as gallery:
        told = gallery.statistics()
        where = gallery.place.shown
    model = "nothing yet" if told.model is None else f"{described(told.model)}, {told.model.dimension} numbers a face"
    lines = [
        where,
        f"  {_people(told.people)}, {_photos(told.faces)}, {told.bytes / 1e6:.1f} MB",
        f"  embedded with {model}",
        f"  searched {told.search}",
        f"  version {told.schema_version} of the tables",
    ]
    voice.tell("\n".join(lines), {"place": where} | asdict(told))
    return voice.code()


def run_reembed(place: str | None, choice: EmbedderChoice, voice: GalleryVoice) -> int:
    """Embeds every face anew."""
    embedder = _build(choice)
    with open_gallery(place) as gallery:
        count = gallery.statistics().faces
        with progress_bar("faces", count, is_watched() and count > 1) as progress:
            faces = gallery.reembed(embedder, done=progress)
    voice.tell(f"{_photos(faces)} embedded anew with {embedder.name}", {"photos": faces, "embedder": embedder.name})
    return voice.code()


def run_fit(
    kind: str, folder: Path, path: Path, search: FaceSearch, overwrite: bool, limits: PhotoLimits, voice: GalleryVoice
) -> int:
    """Fits a classical embedder on people, a folder each. Raises as `clearface.gallery.fitting.fit_on_people`."""
    people = people_of_folder(folder)
    count = sum(len(person.photos) for person in people)
    with progress_bar("photos", count, is_watched() and count > 1) as progress:
        fitted = fit_on_people(kind, people, search.build(), path, limits, overwrite=overwrite, done=progress)
    for sentence in fitted.left_out:
        complain(f"{sentence}; left out")
    dimension = fitted.embedder.dimension
    voice.tell(
        f"{shown(path)}: fitted on {_photos(fitted.faces)} of {_people(fitted.people)}; {dimension} numbers a face; "
        f"use it with {EmbedderChoice(kind, path).options}",
        {
            "file": shown(path),
            "people": fitted.people,
            "photos": fitted.faces,
            "dimension": dimension,
            "left_out": len(fitted.left_out),
        },
    )
    return voice.code()


def _summary(person: GalleryPerson) -> dict[str, object]:
    return {
        "name": person.name,
        "description": person.description,
        "link": person.link,
        "photos": len(person.faces),
    }


def _photos(count: int) -> str:
    return f"{count:,} photo{'' if count == 1 else 's'}"


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
