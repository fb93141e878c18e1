"""The errors clearface raises on purpose, each carrying one sentence meant for the person at the keyboard."""


class ClearfaceError(Exception):
    """Base of every error clearface raises on purpose; `str(error)` is one clear sentence."""


class UsageError(ClearfaceError):
    """The call itself is wrong: an unknown name, options that exclude each other."""


class PhotoError(ClearfaceError):
    """A photo that cannot be read, is refused by a limit, or cannot be written."""


class FilmError(ClearfaceError):
    """A film that cannot be read or written, or that loses what it must not lose."""


class GalleryError(ClearfaceError):
    """A gallery that cannot be opened, read or written, was made with another embedder, or has nobody of a name."""


class ModelError(ClearfaceError):
    """A network file that is missing, damaged, of another signature, or that answers with nonsense."""


class DependencyError(ClearfaceError):
    """An optional package or a system library is missing; the sentence names what to install."""
