"""Who a face is, as it is told: plain values for machines, lines for people."""

from dataclasses import dataclass
from typing import Any

from clearface.recognition.base import Answer, Candidate, Condition, Decision, ExpectedErrors, Rate
from clearface.recognition.identify import IdentifiedFace
from clearface.recognition.identify_agreement import names_of
from clearface.verdicts import Verdict


@dataclass(frozen=True)
class IdentityReport:
    """Who one face is said to be, and how far that can be trusted."""

    answer: Answer
    condition: Condition
    before: Answer | None = None
    """For the face as it is, where it was looked at restored too."""

    after: Answer | None = None
    disagreement: str | None = None
    verdict: Verdict | None = None
    """What the restorer decided about it; None where nothing was restored."""

    @classmethod
    def of(cls, identified: IdentifiedFace) -> "IdentityReport":
        """Of one face; the two answers are told apart where there are two."""
        both = identified.before is not None and identified.after is not None
        return cls(
            identified.answer,
            identified.condition,
            identified.before if both else None,
            identified.after if both else None,
            identified.disagreement,
            identified.verdict,
        )

    @property
    def named(self) -> bool:
        """Whether somebody is named."""
        return self.answer.decision is Decision.NAMED

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        blur = self.condition.blur
        return {
            **_short(self.answer),
            "candidates": [_candidate(candidate) for candidate in self.answer.candidates],
            "threshold": round(self.answer.threshold, 4),
            "size": round(self.condition.size, 1),
            "blur": None if blur is None else round(blur, 4),
            "expected": _expected(self.answer.expected),
            "before": None if self.before is None else _short(self.before),
            "after": None if self.after is None else _short(self.after),
            "disagreement": self.disagreement,
            "restored": None if self.verdict is None else self.verdict.value,
        }

    def as_label(self) -> str:
        """A few words for a picture."""
        names = names_of(self.answer)
        if self.named:
            return f"{names[0]} {self.answer.candidates[0].probability:.2f}"
        return " or ".join(names) if names else "unknown"

    def as_lines(self) -> list[str]:
        """For people: who it is, what both looks said where they disagree, and how often such answers are wrong."""
        lines = [self._who()]
        if self.disagreement is not None:
            lines.append(self.disagreement)
        lines.append(expected_words(self.answer.expected))
        return lines

    def _who(self) -> str:
        candidates = self.answer.candidates
        if self.answer.decision is Decision.TIED:
            told = "; ".join(f"{candidate.person.name} ({_measures(candidate)})" for candidate in candidates)
            return f"tied, so nobody is named: {told}"
        if self.named:
            first, *others = candidates
            person = first.person
            said = [f"{person.name}, {_measures(first)}"]
            said += [text for text in (person.description, person.link) if text]
            said += [f"next {other.person.name} ({_measures(other)})" for other in others]
            return "; ".join(said)
        nearest = [f"nearest {candidate.person.name} ({_measures(candidate)})" for candidate in candidates]
        return "; ".join(["unknown", *nearest])


def expected_words(expected: ExpectedErrors) -> str:
    """How often such answers are wrong, in one clause."""
    return (
        f"of faces {expected.condition}, {_rate(expected.missed)} of those known are missed"
        f" and {_rate(expected.strangers_named)} of strangers are named"
    )


def _rate(rate: Rate) -> str:
    return f"{_percent(rate.value)} ({_percent(rate.low)} to {_percent(rate.high)})"


def _percent(share: float) -> str:
    """Two digits that count, since 0% would promise too much."""
    return f"{float(f'{100 * share:.2g}'):g}%"


def _measures(candidate: Candidate) -> str:
    return f"probability {candidate.probability:.2f}, distance {candidate.distance:.3f} to {candidate.photo}"


def _short(answer: Answer) -> dict[str, Any]:
    first = answer.candidates[0] if answer.candidates else None
    named = answer.decision is Decision.NAMED
    return {
        "decision": answer.decision.value,
        "name": first.person.name if first is not None and named else None,
        "probability": round(first.probability, 4) if first is not None else None,
        "distance": round(first.distance, 4) if first is not None else None,
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "name": candidate.person.name,
        "description": candidate.person.description,
        "link": candidate.person.link,
        "probability": round(candidate.probability, 4),
        "distance": round(candidate.distance, 4),
        "photo": candidate.photo,
    }


def _expected(expected: ExpectedErrors) -> dict[str, Any]:
    return {
        "condition": expected.condition,
        "words": expected_words(expected),
        "missed": _rate_values(expected.missed),
        "strangers_named": _rate_values(expected.strangers_named),
    }


def _rate_values(rate: Rate) -> dict[str, Any]:
    return {
        "value": round(rate.value, 6),
        "low": round(rate.low, 6),
        "high": round(rate.high, 6),
        "count": rate.count,
    }
