"""Films into files: part by part beside the target, put together at the end, and only then under its name."""

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from av.error import FFmpegError

from clearface.errors import FilmError
from clearface.files.explanations import reason, shown
from clearface.films.base import FilmFrame, FilmInfo, Mark
from clearface.films.company import Company
from clearface.films.encoding import PartWriter
from clearface.films.facts import PictureFacts
from clearface.films.fingerprints import file_fingerprint
from clearface.films.joining import Joining, join
from clearface.films.kinds import FILM_KINDS, film_kind_of_extension
from clearface.films.options import FilmOptions
from clearface.films.parts import WorkFolder
from clearface.films.planning import plan_encoding
from clearface.films.publishing import publish
from clearface.films.words import clock


class PictureSource(Protocol):
    """What a sink has to know of where its frames come from."""

    @property
    def info(self) -> FilmInfo: ...

    @property
    def facts(self) -> PictureFacts: ...

    @property
    def path(self) -> Path | None:
        """The file whose sound and tags go along; None where there is none."""
        ...

    @property
    def start(self) -> Fraction:
        """What its first timestamps count from, in seconds."""
        ...

    @property
    def stream_index(self) -> int:
        """Of the picture in the file."""
        ...


class FilmFileSink:
    """A `FilmSink` into an MP4, QuickTime, Matroska, WebM or AVI file.

    source: what the frames come from. target: where the result goes; its extension says what it becomes. overwrite: a file of
    that name may be replaced, unfinished work discarded. resume: unfinished work is gone on with. settings: what else must be the
    same for that, name and value.
    Raises FilmError where the target exists, or unfinished work does and neither may be touched; UsageError for what the kind of
    file does not hold.
    """

    def __init__(
        self,
        source: PictureSource,
        target: Path,
        options: FilmOptions,
        *,
        overwrite: bool = False,
        resume: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        name = film_kind_of_extension(target)
        if name is None or not FILM_KINDS[name].written or name == "GIF":
            raise FilmError(f"{shown(target)}: videos are written as MP4, MOV, MKV, WebM or AVI")
        self._source, self._shown, self._overwrite = source, target, overwrite
        self._target = Path(os.path.realpath(target))
        self._kind = FILM_KINDS[name]
        self._options = options
        self._plan = plan_encoding(source.facts, self._kind, options)
        self._folder = WorkFolder(self._target, source.facts.time_base)
        self._part: PartWriter | None = None
        self._last: Mark | None = None
        self._last_seconds = 0.0
        self._last_duration = 0
        self.done: Mark | None = self._begin(self._settings(settings or {}), resume)
        self._last = self.done

    @property
    def folder(self) -> Path:
        """Where unfinished work lies; gone once the result has its name."""
        return self._folder.path

    def write(self, frame: FilmFrame) -> None:
        """See `FilmSink.write`."""
        try:
            if self._part is None:
                path = self._folder.begin_part(frame.number, frame.timestamp, self._plan.encoder.part)
                self._part = PartWriter(path, self._plan)
            self._part.write(frame.canvas, frame.timestamp)
        except (FFmpegError, OSError) as error:
            raise self._failure(error) from error
        self._last_duration = frame.duration or (0 if self._last is None else frame.timestamp - self._last.timestamp)
        self._last, self._last_seconds = Mark(frame.number, frame.timestamp), frame.seconds

    def finish(self) -> tuple[str, ...]:
        """See `FilmSink.finish`."""
        self._close_part()
        if self._last is None:
            self._folder.remove()
            raise FilmError(f"{self._source.info.name}: there is no frame to write")
        notes = self._publish(self._target, None, self._overwrite)
        try:
            self._folder.remove_playable()
            self._folder.remove()
        except OSError as error:
            return (*notes, f"{shown(self.folder)} cannot be deleted: {reason(error)}")
        return notes

    def stop(self) -> str | None:
        """See `FilmSink.stop`."""
        self._abandon_part()
        if not self._keep_whole_parts():
            return None
        name = self._target.with_name(f"{self._target.stem}.unfinished{self._target.suffix}")
        until = self._last_seconds + float((self._last_duration or self._usual()) * self._plan.facts.time_base)
        try:
            self._publish(name, until, overwrite=True)
            self._folder.note_playable(name)
        except (FilmError, OSError):
            return f"stopped at {clock(until)}; the same command with --resume goes on from there"
        whole = "" if self._source.info.seconds is None else f" of {clock(self._source.info.seconds)}"
        played = f"stopped at {clock(until)}{whole}; {shown(name)} plays up to there"
        if self._source.info.live:
            return played
        return f"{played}, and the same command with --resume goes on"

    def _begin(self, settings: dict[str, str], resume: bool) -> Mark | None:
        if os.path.lexists(self._target) and not self._overwrite and not resume:
            raise FilmError(f"{shown(self._shown)}: exists already")
        try:
            if not self._folder.exists():
                self._folder.create(settings)
                return None
            if resume and not self._source.info.live:
                self._folder.load(settings)
                return self._folder.done()
            if not self._overwrite:
                raise FilmError(
                    f"{shown(self._shown)}: an unfinished result lies beside it; --resume goes on with it, "
                    "--existing overwrite begins anew"
                )
            self._folder.create(settings)
        except FilmError as error:
            if str(error).startswith(shown(self._shown)):
                raise
            raise FilmError(f"{shown(self._shown)}: {error}") from error
        except OSError as error:
            raise FilmError(f"{shown(self._shown)}: cannot be written: {reason(error)}") from error
        return None

    def _settings(self, more: Mapping[str, str]) -> dict[str, str]:
        plan, path = self._plan, self._source.path
        try:
            source = "live" if path is None else file_fingerprint(path)
        except OSError as error:
            raise FilmError(f"{self._source.info.name}: cannot be read: {reason(error)}") from error
        return {
            "source": source,
            "codec": plan.encoder.library,
            "quality": str(plan.crf),
            "preset": str(plan.preset),
            "pixel format": plan.pixel_format,
            "size": f"{plan.width} x {plan.height}",
            **more,
        }

    def _close_part(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        try:
            part.close()
        except (FFmpegError, OSError) as error:
            raise self._failure(error) from error

    def _abandon_part(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        try:
            part.close()
        except (FFmpegError, OSError):
            part.abandon()

    def _keep_whole_parts(self) -> bool:
        """Whether anything playable is left; the folder goes where nothing is."""
        try:
            done = self._folder.settle() if self._folder.exists() else None
            if done is None:
                self._folder.remove()
                return False
        except (OSError, FFmpegError):
            return False
        if self._last is None or done != self._last:
            self._last_seconds = float(done.timestamp * self._plan.facts.time_base - self._source.start)
            self._last_duration = 0
        self._last = done
        return True

    def _publish(self, target: Path, until: float | None, overwrite: bool) -> tuple[str, ...]:
        company = Company(
            self._source.path, self._source.info.name, self._source.stream_index, self._kind, self._options
        )
        joining = Joining(
            self._folder,
            self._plan,
            self._kind,
            company,
            self._source.start,
            self._last_duration or self._usual(),
            until,
        )
        shown_as = self._shown if target == self._target else target
        try:
            company.open()
            publish(target, shown_as, lambda path: join(joining, path), overwrite=overwrite)
        except (FFmpegError, OSError) as error:
            raise self._failure(error, shown_as) from error
        finally:
            company.close()
        return (*self._plan.notes, *company.notes)

    def _usual(self) -> int:
        return max(1, round(1 / (self._plan.facts.rate * self._plan.facts.time_base)))

    def _failure(self, error: FFmpegError | OSError, path: Path | None = None) -> FilmError:
        name = shown(path or self._shown)
        if isinstance(error, OSError):
            return FilmError(f"{name}: cannot be written: {reason(error)}")
        return FilmError(f"{name}: the video cannot be encoded ({(error.strerror or type(error).__name__).lower()})")
