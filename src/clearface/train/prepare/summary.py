"""What was kept and what was left out, for people and for programs."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from io import StringIO

from clearface.train.prepare.reasons import Drop, Reason
from clearface.train.prepare.records import FaceRecord, Part, ShardRecord


@dataclass(frozen=True)
class Summary:
    """Counts of one prepared set."""

    photos: int

    kept: dict[int, int]
    """Faces by the size they are sharp at, those held back among them."""

    held_back: int

    masks: dict[str, int]
    """Faces by where their masks come from."""

    dropped: dict[str, int]
    """Photos and faces by `Reason`."""

    @property
    def faces(self) -> int:
        return sum(self.kept.values())


def summarize(
    photos: int, shards: Iterable[ShardRecord], records: Sequence[FaceRecord], drops: Iterable[Drop]
) -> Summary:
    """Counts what became of the photos."""
    reasons = Counter(drop.reason for drop in drops)
    return Summary(
        photos=photos,
        kept=dict(sorted(Counter(record.sharp_at for record in records).items())),
        held_back=sum(shard.faces for shard in shards if shard.part is Part.HELD_BACK),
        masks=dict(sorted(Counter(str(record.mask) for record in records).items())),
        dropped={str(reason): reasons[reason] for reason in Reason if reasons[reason]},
    )


def summary_text(summary: Summary) -> str:
    """As JSON."""
    return json.dumps(asdict(summary), indent=1) + "\n"


def summary_lines(summary: Summary) -> list[str]:
    """For people, a line each."""
    sizes = ", ".join(f"{count} at {size}" for size, count in summary.kept.items())
    masks = ", ".join(f"{count} {origin}" for origin, count in summary.masks.items())
    faces = "face" if summary.faces == 1 else "faces"
    lines = [
        f"Photos:     {summary.photos}",
        f"Kept:       {summary.faces} {faces}; sharp at their size: {sizes or 'none'}",
    ]
    lines.append(f"Masks:      {masks or 'none'}")
    if summary.held_back:
        lines.append(f"Held back:  {summary.held_back}")
    dropped = ", ".join(f"{count} {reason}" for reason, count in summary.dropped.items())
    lines.append(f"Left out:   {dropped or 'nothing'}")
    return lines


def dropped_table(drops: Iterable[Drop]) -> str:
    """As CSV: photo, face (0 for the whole photo), reason, detail."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["photo", "face", "reason", "detail"])
    writer.writerows([drop.photo, drop.face, drop.reason, drop.detail] for drop in drops)
    return stream.getvalue()
