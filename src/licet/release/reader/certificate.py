"""Reads `[[certificate]]`: what the licensor promises to whoever buys a license whose text nobody else has read."""

from __future__ import annotations

from collections.abc import Iterable

from licet.errors import closest
from licet.release.reader.component import license_of
from licet.release.reader.spelling import shown
from licet.release.reader.table import Table
from licet.release.release import Promise, Tier
from licet.terms.action import ACTIONS, SUGAR


def promise(table: Table) -> Promise:
    license = license_of(table, "license", need=True)
    table.what = f"the certificate of {shown(license)}" if license else table.what
    can = table.texts("can", need=True)
    for action, n in can:
        if action in SUGAR:
            mend = f"write `{SUGAR[action]}`: what a certificate allows, it allows commercially too"
            table.wrong("unknown-action", f"{shown(action)} is no action of its own", mend, "can", n)
        elif action not in ACTIONS:
            says = f"unknown action {shown(action)} in {table.what}"
            table.wrong("unknown-action", says, closest(action, ACTIONS) or ", ".join(ACTIONS), "can", n)
    made = Promise(
        license=license,
        line=table.line,
        can=tuple(action for action, _ in can),
        must=tuple(duty for duty, _ in table.texts("must")),
    )
    table.done()
    return made


def bought(tables: Iterable[Table], promises: Iterable[Promise], tiers: Iterable[Tier]) -> None:
    """One promise a license; a promise for a license that nobody can buy is odd, not wrong."""
    carried = {license for t in tiers for license in t.licenses.values()}
    seen: dict[str, int] = {}
    for table, one in zip(tables, promises, strict=True):
        if one.license in seen:
            mend = f"keep one (the first is on line {seen[one.license]})"
            table.wrong("twice", f"{table.what} stands twice", mend)
        elif one.license and one.license not in carried:
            mend = f'name it in the `licenses` of a tier: `licenses = {{ weights = "{one.license}" }}`'
            table.wrong("certificate-unsold", f"no tier carries {shown(one.license)}", mend, level="warning")
        seen.setdefault(one.license, table.line)
