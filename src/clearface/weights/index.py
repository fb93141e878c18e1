"""Brings sizes and checksums in `index.json` up to date, for whoever adds a file: `python -m clearface.weights.index`.

Add the file, its model card and an entry with everything but `sha256` and `bytes`, then run this.
"""

import json
from pathlib import Path

from clearface.weights import checksum


def update_index(index: Path) -> None:
    """Writes size and SHA-256 of each listed file, which lies beside the index, into its entry.

    Raises FileNotFoundError for a file that is not there; the index is then as before.
    """
    entries = json.loads(index.read_text(encoding="utf-8"))
    for entry in entries:
        path = index.with_name(entry["file"])
        entry["sha256"], entry["bytes"] = checksum(path), path.stat().st_size
    index.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    update_index(Path(__file__).with_name("index.json"))
