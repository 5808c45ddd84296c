"""How does an answer look on a terminal? Plain text; colour only where somebody looks at it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from licet.terms.plain import Said, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from licet.cli.may import Answer

SIGNS = {"yes": "\033[32m", "no": "\033[31m", "depends": "\033[33m"}
BOLD, DIM, END = "\033[1m", "\033[2m", "\033[0m"
WIDE = 100


def told(answer: Answer, *, colour: bool = False) -> str:
    """The answer, its reasons with their places, what is owed, what is missing, and what would be a yes."""
    return "\n".join(_lines(answer, colour))


def _lines(answer: Answer, colour: bool) -> Iterator[str]:
    component = answer.parts[0].component if len(answer.parts) == 1 else ""
    said = say(answer.verdict, action=answer.action, component=component, tier=answer.tier)
    word = answer.verdict.answer.name.lower()
    yield _in(SIGNS[word] + BOLD, word.upper(), colour) + "  " + _after_the_word(said.detail)
    if len(answer.parts) > 1:
        yield from _titled("Component by component", colour)
        names = max(len(part.component) for part in answer.parts)
        for part in answer.parts:
            one = part.verdict.answer.name.lower()
            detail = say(part.verdict, action=answer.action, component=part.component, tier=answer.tier).detail
            sign = _in(SIGNS[one], one.ljust(7), colour)
            yield f"  {part.component.ljust(names)}  {sign}  {_after_the_word(detail)}"
    if answer.certificate is not None:
        yield from ("", _in(DIM, "Certificate  ", colour) + answer.certificate.line())
    yield from _cited("Because", said.because, colour)
    yield from _cited("You must", said.duties, colour)
    unread = [need.fact.removeprefix("read:") for need in said.needs if need.fact.startswith("read:")]
    if unread:  # nothing that somebody could tell: the text has to be read
        yield from _titled("Not read yet, so read the text itself", colour)
        yield from (
            f"  {_in(BOLD, license, colour)}  on `{what}`" for license, _, what in (n.rpartition(".") for n in unread)
        )
    if needs := [need for need in said.needs if not need.fact.startswith("read:")]:
        yield from _titled("Tell", colour)
        yield from (f"  {_in(BOLD, need.fact, colour)}  {need.question}" for need in needs)
        askable = [need.fact for need in needs if ":" not in need.fact]
        if askable:
            yield f"  {_in(DIM, f'with --fact {askable[0]}=VALUE', colour)}"
    if answer.known and len(answer.parts) == 1:
        yield from _branches(answer, colour)
    yield from _cited("What would be a yes", (Said(o.cite, o.detail) for o in answer.offers), colour)


def _branches(answer: Answer, colour: bool) -> Iterator[str]:
    """Every door with its answer; of alternatives one is enough, and the others are told apart from shut doors."""
    found = answer.branches()
    yield from _titled("Branch by branch", colour)
    names = [f"{one['branch']} {one['name']}".rstrip() for one in found]
    names = [
        ("or " if n and one["one_of"] and found[n - 1]["one_of"] else "") + names[n] for n, one in enumerate(found)
    ]
    wide = max(map(len, names), default=0)
    for one, name in zip(found, names, strict=True):
        word = one["answer"]
        cites = ", ".join(dict.fromkeys(reason["cite"] for reason in one["because"]))
        yield f"  {_in(SIGNS[word], word.ljust(7), colour)}  {name:<{wide}}  {_in(DIM, cites, colour)}".rstrip()


def _after_the_word(detail: str) -> str:
    """`Yes: it is allowed.` -> `It is allowed.`: the word stands before it already."""
    word, colon, rest = detail.partition(": ")
    return rest[:1].upper() + rest[1:] if colon and word in ("Yes", "No", "It depends") else detail


def _titled(title: str, colour: bool) -> Iterator[str]:
    yield ""
    yield _in(BOLD, title, colour)


def _cited(title: str, clauses: Iterable[Said], colour: bool) -> Iterator[str]:
    rows = list(clauses)
    if not rows:
        return
    yield from _titled(title, colour)
    beside = min(max(len(row.cite) for row in rows), 32)
    for row in rows:
        lead = row.cite.ljust(beside)
        if len(row.cite) > beside:  # a long place stands on a line of its own
            yield "  " + _in(DIM, row.cite, colour)
            lead = " " * beside
        first, *more = textwrap.wrap(row.says, WIDE - beside) or [""]
        yield f"  {_in(DIM, lead, colour)}  {first}"
        yield from (" " * (beside + 4) + line for line in more)


def _in(code: str, text: str, colour: bool) -> str:
    return f"{code}{text}{END}" if colour else text
