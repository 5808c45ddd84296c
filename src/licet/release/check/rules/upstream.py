"""Are the terms of what this was made from passed on? The card's tag must not promise what the base refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from licet.errors import Finding
from licet.licenses.compat import PROPRIETARY
from licet.release.check.meaning import agree
from licet.release.check.parts import Part
from licet.release.check.rules.outputs import made_with
from licet.release.check.statement import Meaning
from licet.release.check.upstreams import From, upstreams_of
from licet.release.check.view import DOCUMENT, View, refused, sheets_of


def find(view: View) -> Iterator[Finding]:
    for part in view.parts:
        unknown: dict[tuple[str, str], list[From]] = defaultdict(list)
        for one in upstreams_of(part):
            if part.component and not one.declared and one.relation != "dataset":
                yield _undeclared(part, one)
            if not one.license:
                if not one.declared:
                    unknown[one.path, one.relation].append(one)
            elif part.component and part.component.proprietary:
                yield from _kept(part, one)
            elif part.license:
                yield from _terms(part, one)
        for same in unknown.values():
            yield _unknown(same)


def _terms(part: Part, one: From) -> Iterator[Finding]:
    if agree(one.license, part.license) and not part.license.vague:
        return
    if any(made_with(part, sheet) for sheet in sheets_of(one.license)):
        return  # what a model put out is no copy of it: `output-training` tells what follows it
    if clause := refused(one.license, part.license):
        yield Finding(
            one.path,
            one.line,
            "upstream-terms",
            f"{part.license.shown} is given as the license of {part.title}, made from `{one.name}`, which {_came(one)} "
            f"{one.license.shown}: {clause} does not allow that",
            f"give the terms of `{one.name}` on, ask its licensor for others, or use another base",
            "warning" if one.how == "likely" else "error",
        )


def _kept(part: Part, one: From) -> Iterator[Finding]:
    """What stays inside is not handed on; a license that reaches services is told of where it is served."""
    if clause := refused(one.license, Meaning(frozenset({PROPRIETARY}), PROPRIETARY)):
        yield Finding(
            one.path,
            one.line,
            "upstream-terms",
            f"{part.title} is proprietary and was made from `{one.name}` under {one.license.shown}: "
            f"it may stay inside, but not be handed on ({clause})",
            "keep it inside, or give it the license that its base asks for",
            "note",
        )


def _came(one: From) -> str:
    return {"known": "is known to come under", "likely": "by its name seems to come under"}.get(one.how, "comes under")


def _undeclared(part: Part, one: From) -> Finding:
    return Finding(
        one.path,
        one.line,
        "upstream-undeclared",
        f"`{one.name}` is named as what {part.title} was made from, and {DOCUMENT} does not know of it",
        f'add it: `upstream = [{{ name = "{one.name}", license = "..." }}]`',
        "warning",
    )


def _unknown(same: Sequence[From]) -> Finding:
    first, what = same[0], "data set" if same[0].relation == "dataset" else "model"
    more = f" (and of {len(same) - 1} more)" if len(same) > 1 else ""
    return Finding(
        first.path,
        first.line,
        "upstream-unknown",
        f"the license of the {what} `{first.name}`{more} is not said here, so nothing can be said of its terms",
        "look it up, and write it as `upstream` into licet.toml",
        "note",
    )
