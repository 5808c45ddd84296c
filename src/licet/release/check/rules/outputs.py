"""Was a data set made with a model, and may others train on that model's outputs? Outputs are not the model, and yet many
licenses follow them into what is trained on them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from licet.errors import Finding
from licet.licenses.shelf import Sheet
from licet.release.check.parts import Part
from licet.release.check.upstreams import From, upstreams_of
from licet.release.check.view import View, prose_of, sheets_of

_TRAINED = re.compile(r"\btrain\w*|\bdistil\w+", re.IGNORECASE)


def find(view: View) -> Iterator[Finding]:
    for part in view.open_parts():
        for one in upstreams_of(part):
            for sheet in sheets_of(one.license):
                if made_with(part, sheet) and not _told(view, part, one):
                    yield from _limit(part, one, sheet)


def made_with(part: Part, sheet: Sheet) -> bool:
    """Is this what a model put out? Data whose upstream is under a license for models and not for data."""
    return part.about == "data" and "model" in sheet.made_for and "data" not in sheet.made_for


def _told(view: View, part: Part, one: From) -> bool:
    """Does the card say both: which model it was made with, and something about training on it?"""
    short = one.name.rpartition("/")[2].casefold()
    return any(short in text.casefold() and _TRAINED.search(text) for text in prose_of(view, part))


def _limit(part: Part, one: From, sheet: Sheet) -> Iterator[Finding]:
    reading = sheet["train_other_models_on_outputs"]
    if reading.value not in ("no", "conditional"):
        return
    what = "; ".join((*reading.items, *([reading.note] if reading.note else [])))
    yield Finding(
        one.path,
        one.line,
        "output-training",
        f"{part.title} was made with `{one.name}`, whose license {'bars' if reading.value == 'no' else 'limits'} "
        f"training on its outputs ({sheet.cite(reading.section)})"
        + (f": {what}" if what else "")
        + "; no card says so",
        f"say beside {part.title} that it was made with `{one.name}` and what may be trained on it, or make it with "
        "a model that leaves outputs free",
        "error" if reading.value == "no" else "warning",
    )
