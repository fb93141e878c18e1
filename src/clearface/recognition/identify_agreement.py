"""What two looks at one face say together: as it is, and restored."""

from dataclasses import replace

from clearface.recognition.base import Answer, Candidate, Decision


def names_of(answer: Answer) -> tuple[str, ...]:
    """Who it is said to be: one name, several that are tied, none where it is unknown."""
    if answer.decision is Decision.UNKNOWN or not answer.candidates:
        return ()
    named = answer.candidates if answer.decision is Decision.TIED else answer.candidates[:1]
    return tuple(candidate.person.name for candidate in named)


def agree(before: Answer, after: Answer) -> tuple[Answer, str | None]:
    """One answer of two about the same face, and how they disagree, in words, where they do.

    Where both say the same, that is said, with the smaller of the two probabilities: two looks at one photo are no two photos.
    Where they do not - other names, or a name once and none or several the other time - nobody is named: restoring must not turn
    one person into another, and nobody can tell which of the two looks is right. The candidates of both are then told, those that
    either named first, then the nearest, as many as one look tells. Threshold and expected errors are those of the face as it is.
    """
    if before.decision is after.decision and set(names_of(before)) == set(names_of(after)):
        less_sure = min((before, after), key=_probability) if before.decision is Decision.NAMED else before
        return replace(less_sure, threshold=before.threshold, expected=before.expected), None
    said = f"before restoring it is {_words(before)}, after restoring {_words(after)}"
    together = replace(before, decision=Decision.UNKNOWN, candidates=_merged(before, after))
    return together, f"{said}: the two disagree, so nobody is named"


def _probability(answer: Answer) -> float:
    return answer.candidates[0].probability if answer.candidates else 0.0


def _merged(before: Answer, after: Answer) -> tuple[Candidate, ...]:
    """Everybody of both, once each, as the less certain look has them."""
    least: dict[str, Candidate] = {}
    for candidate in (*before.candidates, *after.candidates):
        name = candidate.person.name
        if name not in least or candidate.probability < least[name].probability:
            least[name] = candidate
    named = {*names_of(before), *names_of(after)}
    ordered = sorted(least.values(), key=lambda candidate: (candidate.person.name not in named, candidate.distance))
    return tuple(ordered[: max(len(before.candidates), len(after.candidates), len(named))])


def _words(answer: Answer) -> str:
    names = names_of(answer)
    if not names:
        return "unknown"
    if answer.decision is Decision.TIED:
        return f"{' or '.join(names)}, tied"
    return f"{names[0]} (probability {answer.candidates[0].probability:.2f})"
