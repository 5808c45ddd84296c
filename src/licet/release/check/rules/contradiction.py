"""Do two statements about one part name different licenses?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from licet.errors import Finding
from licet.release.check.meaning import agree, exactly, folded
from licet.release.check.parts import Part, merged
from licet.release.check.statement import WEIGHT, Statement
from licet.release.check.view import DOCUMENT, View

_SHARE: Final = 0.3  # of a part's files; a header in so many is the author's word, in few it is somebody else's file
_FEW: Final = 3
_WHOLE: Final = re.compile(r"\b(?:this|our)(?: \w+)? (?:project|repository|repo|release|work)\b", re.IGNORECASE)


def find(view: View) -> Iterator[Finding]:
    for part in view.parts:
        if part.component and part.component.proprietary:
            yield from _opened(part)
            continue
        own = [*merged(part.own), *([_majority(part)] if _majority(part) else [])]
        ranked = sorted((s for s in own if s and s.meaning), key=lambda s: WEIGHT[s.by])
        if part.component and part.component.license:
            ranked.insert(0, _declared(part))
        shared = [s for s in merged(part.shared) if s.meaning]
        if not ranked:
            ranked, shared = shared, []
        yield from _pairs(part, ranked)
        yield from _from_above(view, part, ranked, shared)


def _pairs(part: Part, ranked: Sequence[Statement]) -> Iterator[Finding]:
    """Each statement against the strongest that it disagrees with: what agrees with one of them is told of once."""
    told: set[tuple[str, int]] = set()
    for n, weaker in enumerate(ranked):
        stronger = next((s for s in ranked[:n] if not agree(s.meaning, weaker.meaning)), None)
        if stronger and (weaker.path, weaker.line) not in told:
            told.add((weaker.path, weaker.line))
            yield _finding(part, weaker, stronger)


def _from_above(view: View, part: Part, ranked: Sequence[Statement], shared: Sequence[Statement]) -> Iterator[Finding]:
    """What the root says of everything must be true of something; of weights it is easily taken for the whole truth."""
    for said in shared:
        stronger = next((s for s in ranked if not agree(s.meaning, said.meaning)), None)
        if stronger is None or any(agree(s.meaning, said.meaning) for s in ranked if s.by != "licet.toml"):
            continue
        elsewhere = [p for p in view.open_parts() if p is not part and said in merged(p.shared) and _takes(p, said)]
        if not elsewhere:
            first, second = sorted((said, stronger), key=lambda s: WEIGHT[s.by])
            yield _finding(part, second, first)
        elif part.about == "weights" and all(s.by == "licet.toml" for s in ranked):
            yield Finding(
                said.path,
                said.line,
                "code-license-for-weights",
                f"{_place(said)} says {said.meaning.shown}, and the license of {part.title} is {stronger.meaning.shown}: "
                "nothing beside the weights says so",
                f"put the text of {stronger.meaning.shown} as LICENSE into `{part.folder or '.'}/`",
                "warning",
            )


def _takes(part: Part, said: Statement) -> bool:
    """Is this the part that the root speaks of? Where nothing is said of the code, a plain LICENSE is the code's."""
    if part.component:
        return agree(part.license, said.meaning)
    return all(agree(s.meaning, said.meaning) for s in part.own) if part.own else part.about != "weights"


def _opened(part: Part) -> Iterator[Finding]:
    """A proprietary component in which somebody gives a license."""
    for said in (*part.own, *part.headers):
        if said.meaning and said.by in ("license file", "card", "header", "manifest"):
            assert part.component is not None
            yield Finding(
                said.path,
                said.line,
                "contradiction",
                f"{part.title} is proprietary ({DOCUMENT}:{part.component.line}), but {_who(said)} {said.meaning.shown}",
                "take the license out of it, or give the component that license",
            )


def _majority(part: Part) -> Statement | None:
    """What the headers of most files say, as one statement; None where no license stands in enough of them."""
    by: dict[frozenset[str], list[Statement]] = defaultdict(list)
    for said in part.headers:
        by[frozenset(map(folded, said.meaning.ids))].append(said)
    counts = {ids: sum(s.copies for s in each) for ids, each in by.items() if ids}
    if not counts:
        return None
    most = max(counts, key=lambda ids: (counts[ids], sorted(ids)))
    if counts[most] < _FEW or counts[most] < _SHARE * max(part.files, 1):
        return None
    return replace(by[most][0], copies=counts[most])


def is_majority(part: Part, said: Statement) -> bool:
    most = _majority(part)
    return most is not None and agree(most.meaning, said.meaning)


def _declared(part: Part) -> Statement:
    assert part.component is not None
    return Statement(DOCUMENT, part.component.line, "licet.toml", part.folder, part.about, "", part.license)


def _finding(part: Part, weaker: Statement, stronger: Statement) -> Finding:
    return Finding(
        weaker.path,
        weaker.line,
        "contradiction",
        f"of {part.title}, {_who(weaker)} {weaker.meaning.shown}, and {_place(stronger)} says {stronger.meaning.shown}",
        "change all places in one commit, or say which part each of them speaks of",
        "warning" if _may_be_of_others(weaker) and stronger.by != "licet.toml" else "error",
    )


def _may_be_of_others(said: Statement) -> bool:
    """A sentence that names neither a part nor the whole may be; a license section that is a name and no more is not."""
    if said.by != "prose" or said.about:
        return False
    return not _WHOLE.search(said.written) and not exactly(said.written.strip("[]()*_`.: "))


def _who(said: Statement) -> str:
    if said.by == "header":
        return f"the headers of {said.copies} files say" if said.copies > 1 else "the header says"
    return {"badge": "the badge says", "card": "the front matter says", "prose": "this sentence says"}.get(
        said.by, "this says"
    )


def _place(said: Statement) -> str:
    if said.by == "header" and said.copies > 1:
        return f"the header of `{said.path}` (and of {said.copies - 1} more files)"
    return f"`{said.path}`" + (f":{said.line}" if said.line > 1 or said.by == "licet.toml" else "")
