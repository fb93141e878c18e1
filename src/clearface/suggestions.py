"""What to say to someone who mistyped a name."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: `did you mean "unet"?`, or all the choices where none is near.

    Upper and lower case count as the same.
    """
    names = list(choices)
    by_lower_case = {name.lower(): name for name in names}
    nearest = difflib.get_close_matches(word.lower(), by_lower_case, n=1, cutoff=0.6)
    if nearest:
        return f'did you mean "{by_lower_case[nearest[0]]}"?'
    return f"choose from {', '.join(names)}" if names else "there is nothing to choose from"
