"""Turn the audited fact files of the license study into the shelf's own sheets: `shelf_convert.py FACTS [SHELF]`.

A sheet that stands on the shelf already keeps its hand-checked `[[limits]]` and switches; everything else is taken from
the facts. Dates that stand in no text become `date_unverified`; Hub ids say whether their row was seen. Run
`shelf_index.py` afterwards.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shelf_write import sheet_text

SHELF = Path(__file__).parents[1] / "src/licet/licenses/shelf"
BY_HAND = ("addendum", "hosting_is_distribution", "or_later", "remark", "limits", "goes_under", "no_further")
READ = {"full": "full", "third-party copy": "third-party copy", "partial": "partial"}


def names_of(facts: Mapping[str, Any]) -> list[str]:
    """Names that mean this text and no other: remarks in brackets and names of whole families are not."""
    names = [facts["scancode_key"], *facts["other_names"]]
    return [n for n in dict.fromkeys(names) if n and "(" not in n and not re.search(r" (family|style)$", n)]


def comment(text: str, label: str) -> str:
    found = re.search(rf"^# {label}: (.*)$", text, re.MULTILINE)
    return found.group(1).strip() if found else ""


def convert(path: Path, shelf: Path) -> None:
    text = path.read_text(encoding="utf-8")
    facts = tomllib.loads(text)
    target = shelf / f"{facts['id']}.toml"
    kept = tomllib.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    how = comment(text, "Primary text read").removeprefix("yes, ").rstrip(".").removesuffix(" in this pass")
    sheet: dict[str, Any] = {
        "id": facts["id"],
        "name": facts["name"],
        "names": names_of(facts),
        "steward": facts["steward"],
        "version": facts["version"],
    }
    if facts["date"] != "unknown":
        sheet["date" if facts["date_year_in_text"] else "date_unverified"] = facts["date"]
    sheet |= {
        "family": facts["family"],
        "made_for": facts["artifacts"],
        "scope": facts["grant_scope"],
        "spdx": facts["spdx_listed"],
        "osi": facts["osi_approved"],
        "fsf": facts.get("fsf_libre", False),
        "hub": facts["huggingface_ids"],
        "hub_checked": facts["huggingface_ids_verified"],
        "read": READ[facts["primary_text_read"]],
        "how": how,
        "where": comment(text, "Where"),
    }
    if digest := re.search(r"^# Text sha256: ([0-9a-f]{64}) \((\d+) bytes\)", text, re.MULTILINE):
        sheet |= {"text_sha256": digest.group(1), "text_bytes": int(digest.group(2))}
    remarks = [facts.get("remark", ""), *(n for n in facts["other_names"] if "(" in n)]
    sheet |= {
        "seen_on": facts["used_by"],
        "remark": "; ".join(r for r in remarks if r),
        "sources": facts.get("sources", []),
    }
    sheet |= {k: kept[k] for k in BY_HAND if k in kept}
    sheet["clauses"] = facts["clauses"]
    target.write_text(sheet_text(sheet), encoding="utf-8")


if __name__ == "__main__":
    source, shelf = Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else SHELF
    for path in sorted(source.glob("*.toml")):
        convert(path, shelf)
