"""`licet explain LICENSE`: what does a license say, in plain sentences, each with its place?"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.cited import Sheet
    from licet.cli.types import Commands
    from licet.licenses.explain import Explanation, Told

PAGE = """\
LICENSE is an SPDX id, a LicenseRef- or a name that people use:
  licet explain Apache-2.0
  licet explain llama3.1
  licet explain NSCL-NC --json
  licet explain                  the licenses that were read

What stands under "not said" was looked for and is not in the text; what nobody has read is called unknown.
These are facts about a text, not legal advice."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "explain",
        help="what a license says, in plain sentences",
        description="What a license lets you do, what it asks for and what it forbids, with the place of each sentence.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("license", metavar="LICENSE", nargs="?", help="an id or a name; none: list what is known")
    parser.add_argument("--json", action="store_true", help="the explanation as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.license is None:
        return _list(args.json)
    from licet.licenses.explain import explain

    try:
        explained = explain(args.license)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    if args.json:
        import json

        print(json.dumps(as_json(explained), indent=1, ensure_ascii=False))
    else:
        _page(explained).print()
    return 0


def as_json(explained: Explanation) -> dict[str, Any]:
    """The explanation under the names of its attributes."""
    from dataclasses import asdict

    from licet.licenses.sentences import NOT_ADVICE

    told = asdict(explained)
    for group in ("you_may", "you_must", "you_may_not", "not_said", "nobody_has_read"):
        told[group] = [{"says": t["sentence"], "cite": t["cite"]} for t in told[group]]
    for clause in told["clauses"]:
        clause["says"] = clause.pop("sentence")
    return told | {"note": NOT_ADVICE}


def _page(explained: Explanation) -> Sheet:
    from licet.cli.cited import Sheet, shorter
    from licet.licenses.openness import CLASSES
    from licet.licenses.sentences import NOT_ADVICE

    def rows(told: tuple[Told, ...]) -> list[tuple[str, str]]:
        return [(t.sentence, shorter(t.cite, explained.id)) for t in told]

    page = Sheet()
    page.title(f"{explained.name}  ({explained.id})")
    page.text(f"{CLASSES[explained.openness][:1].upper()}{CLASSES[explained.openness][1:]}.")
    if explained.read == "not read":
        page.text("Every clause is unknown, and every question to it depends on that.", "  ")
        return page
    page.rows("You may", rows(explained.you_may))
    page.rows("You must", rows(explained.you_must))
    page.rows("You may not, or not everywhere", rows(explained.you_may_not))
    page.rows("Refused", ((_refusal(s, explained.id), "") for s in explained.shut_out))
    page.rows("Not said", rows(explained.not_said))
    page.rows("Nobody has read", rows(explained.nobody_has_read))
    alarms = ((f"{a.kind}: {a.case} {a.source}", shorter(a.cite, explained.id)) for a in explained.alarms)
    page.rows("Alarms: clauses of a kind that drew complaints", alarms)
    examples = ((f"{e.who}, {e.action}: {e.answer}", _first(e.cites, explained.id)) for e in explained.examples)
    page.rows("Worked examples", examples)
    page.title("How it was read")
    page.text(f"{explained.read}: {explained.how}" if explained.how else explained.read, "  ")
    if explained.remark:
        page.text(explained.remark, "  ")
    page.text(NOT_ADVICE, "  ")
    return page


def _refusal(half: str, id: str) -> str:
    """`when it is commercial (MIT §1)` -> `When it is commercial (§1).`"""
    return half[:1].upper() + half[1:].replace(f"({id} ", "(").replace(f"({id}, ", "(") + "."


def _first(cites: tuple[str, ...], id: str) -> str:
    from licet.cli.cited import shorter

    return "; ".join(shorter(cite, id) for cite in cites[:2])


def _list(json: bool) -> int:
    from licet.licenses.explain import explain
    from licet.licenses.shelf import known

    told = {id: explain(id) for id in known()}
    if json:
        from json import dumps

        print(dumps([{"id": id, "name": e.name, "openness": e.openness} for id, e in told.items()], indent=1))
        return 0
    for id, explained in told.items():
        print(f"{id:<55} {explained.openness:<17} {explained.name}")
    return 0
