"""Do the pins of the sheets stand in the texts? `shelf_pins.py TEXTS`: a folder of texts named by license id.

Texts are never in this repository: whoever has them checks a sheet here before it goes on the shelf. Exits 1 with the
pins that were not found; licenses without a text are counted, not failed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

SHELF = Path(__file__).parents[1] / "src/licet/licenses/shelf"
ALIKE = str.maketrans("\u201c\u201d\u2019\u2018\u2013\u2014", '""' + "''--", "*_`#")


def plain(text: str) -> str:
    """The words without markup, kinds of quotation mark and line breaks."""
    return re.sub(r"\s+", " ", text.translate(ALIKE)).casefold()


def missing(sheet: Path, text: str) -> list[str]:
    clauses = tomllib.loads(sheet.read_text(encoding="utf-8"))["clauses"]
    words = plain(text)
    pins = {kind: reading["pin"] for kind, reading in clauses.items() if reading.get("pin")}
    return [f"{sheet.stem}: {kind}: {pin}" for kind, pin in pins.items() if plain(pin) not in words]


if __name__ == "__main__":
    texts = {path.stem: path for path in Path(sys.argv[1]).glob("*.txt")}
    sheets = sorted(SHELF.glob("*.toml"))
    found = [m for s in sheets if s.stem in texts for m in missing(s, texts[s.stem].read_text(encoding="utf-8"))]
    print(*found, sep="\n")
    print(
        f"{len(found)} pins not found; no text for {sum(s.stem not in texts for s in sheets)} of {len(sheets)} sheets"
    )
    sys.exit(bool(found))
