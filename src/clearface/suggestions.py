"""What to say to someone who mistyped a name."""

import difflib
from collections.abc import Iterable
from typing import TypeVar

from clearface.errors import UsageError

ChoiceT = TypeVar("ChoiceT", bound=str)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: `did you mean "wiener"?`, or all the choices where none is near.

    Upper and lower case count as the same.
    """
    names = list(choices)
    by_lower_case = {name.lower(): name for name in names}
    nearest = difflib.get_close_matches(word.lower(), by_lower_case, n=1, cutoff=0.6)
    if nearest:
        return f'did you mean "{by_lower_case[nearest[0]]}"?'
    return f"choose from {', '.join(names)}" if names else "there is nothing to choose from"


def one_of(option: str, word: str, choices: Iterable[ChoiceT]) -> ChoiceT:
    """The choice a word given for an option means, in upper or lower case. Raises UsageError where it is none of them."""
    known = list(choices)
    for choice in known:
        if choice == word.lower():
            return choice
    raise UsageError(f"{option} {word}: there is no such choice: {did_you_mean(word, known)}")
