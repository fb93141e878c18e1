"""What a person may be called, and what may be told of one."""

import unicodedata

from clearface.errors import UsageError
from clearface.gallery.base import LONGEST_NAME

LONGEST_DESCRIPTION = 10_000
"""Characters."""

LONGEST_LINK = 2_000
"""Characters."""

_LONGEST_SHOWN = 40
_LINES = "\n\t"


def checked_name(name: str) -> str:
    """The name as it is kept: in Unicode's form NFC, without blanks around it. Raises UsageError where it can be no name."""
    kept = unicodedata.normalize("NFC", name).strip()
    if not kept:
        raise UsageError("a person needs a name, and this one is empty")
    if len(kept) > LONGEST_NAME:
        raise UsageError(
            f"the name {shown_name(kept)} has {len(kept)} characters; {LONGEST_NAME} is the most a name can have"
        )
    _refuse_unprintable("the name", kept, "")
    return kept


def name_key(name: str) -> str:
    """Equal for two spellings of one name: Unicode's forms, upper and lower case, and blanks around it make no difference.

    Canonical caseless matching (The Unicode Standard, section 3.13, D145), in form NFC.
    """
    folded = unicodedata.normalize("NFD", name.strip()).casefold()
    return unicodedata.normalize("NFC", folded)


def checked_description(description: str) -> str:
    """What is told of a person, in Unicode's form NFC. Raises UsageError where it is too long or no text."""
    kept = unicodedata.normalize("NFC", description).strip()
    if len(kept) > LONGEST_DESCRIPTION:
        raise UsageError(f"a description has {LONGEST_DESCRIPTION:,} characters at most, and this one {len(kept):,}")
    _refuse_unprintable("the description", kept, _LINES)
    return kept


def checked_link(link: str) -> str | None:
    """A web address; None for an empty one. Raises UsageError for any other kind, which a page must not lead to."""
    kept = link.strip()
    if not kept:
        return None
    if not kept.lower().startswith(("http://", "https://")) or len(kept) > LONGEST_LINK or " " in kept:
        raise UsageError(
            f"{shown_name(kept)} is no web address: a link begins with http:// or https://, has no blanks and at most "
            f"{LONGEST_LINK:,} characters"
        )
    _refuse_unprintable("the link", kept, "")
    return kept


def shown_name(name: str) -> str:
    """A name as it stands in a sentence: its beginning where it is long, in quotes, and nothing that a line cannot show."""
    start = name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}..."
    return '"' + "".join(ascii(letter)[1:-1] if _is_unprintable(letter) else letter for letter in start) + '"'


def can_be_kept(name: str) -> bool:
    """Whether a database can be asked for it."""
    return not any(map(_is_unprintable, name))


def _refuse_unprintable(what: str, text: str, allowed: str) -> None:
    wrong = [letter for letter in text if letter not in allowed and _is_unprintable(letter)]
    if wrong:
        raise UsageError(f"{what} holds {wrong[0]!a}, which is no letter or sign that can be shown")


def _is_unprintable(letter: str) -> bool:
    """Control characters and halves of characters, which no database keeps as they are, and no line can show."""
    return unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")
