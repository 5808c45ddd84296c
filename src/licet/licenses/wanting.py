"""What does a sheet still lack before it may stand on the shelf? Every hole at once, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from licet.licenses.kinds import KINDS, SCOPES, UNSAID
from licet.licenses.shelf import Limit, Sheet
from licet.licenses.vocabulary import GROUPS
from licet.terms.action import ACTIONS
from licet.terms.clause import TESTS
from licet.terms.fact import FACTS, Who

READ: Final = ("full", "third-party copy", "partial")
_NOWHERE: Final = (*UNSAID, "unknown", "not-covered")  # values that need no place in the text
_LONGEST_PIN: Final = 12  # words: enough to find the place, too few to be a copy of the text


def wanting(sheet: Sheet) -> list[str]:
    """Everything that is missing or wrong; empty for a sheet that is whole."""
    return [*_about(sheet), *_readings(sheet), *(lack for limit in sheet.limits for lack in _limit(sheet, limit))]


def _about(sheet: Sheet) -> Iterator[str]:
    if sheet.scope not in SCOPES:
        yield f"scope `{sheet.scope}` is none of {', '.join(SCOPES)}"
    if sheet.read not in READ:
        yield f"read `{sheet.read}` is none of {', '.join(READ)}"
    if sheet.date and sheet.date_unverified:
        yield "a date that stands in the text and one that does not"


def _readings(sheet: Sheet) -> Iterator[str]:
    yield from (f"no clause `{kind}`" for kind in KINDS if kind not in sheet.readings)
    for kind, reading in sheet.readings.items():
        if kind not in KINDS:
            yield f"`{kind}` is no kind of clause"
            continue
        values = KINDS[kind].values
        if values and reading.value not in values:
            yield f"{kind}: `{reading.value}` is none of {', '.join(values)}"
        if reading.value not in _NOWHERE and not reading.section:
            yield f"{kind}: says something, but not where"
        if len(reading.pin.split()) > _LONGEST_PIN:
            yield f"{kind}: a pin of more than {_LONGEST_PIN} words"


def _limit(sheet: Sheet, limit: Limit) -> Iterator[str]:
    yield from (f"limit on `{act}`, which is no action" for act in limit.acts if act not in {*ACTIONS, *GROUPS})
    reading = sheet.readings.get(limit.clause)
    if reading is None or reading.value in (*UNSAID, "unknown"):
        yield f"limit from `{limit.clause}`, which says nothing"
    if limit.says not in ("must", "cannot") or (limit.says == "must") != bool(limit.duty):
        yield f"limit that says `{limit.says}` with the duty `{limit.duty}`"
    for name, test, value in limit.when:
        row = FACTS.get(name)
        if row is None or row.who is not Who.ASKER or test not in TESTS:
            yield f"limit on the fact `{name} {test}`, which nobody can tell"
            continue
        for one in value if isinstance(value, tuple) else (value,):
            if type(one) is not row.type or (row.choices and one not in row.choices):
                yield f"limit with `{name} {test} {one}`, which is no value of it"
