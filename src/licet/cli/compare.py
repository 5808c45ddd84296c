"""`licet compare A B`: where do two licenses differ, which way, and for whom?"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.cited import Sheet
    from licet.cli.types import Commands
    from licet.licenses.compare import Change, Comparison

PAGE = """\
  licet compare llama3 llama3.1
  licet compare MPL-2.0 BUSL-1.1 --json

"looser" and "stricter" are seen by whoever takes the license; "other" is a difference that is neither. Who gains and
who loses is worked out by asking both licenses the same questions for seven people."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "compare",
        help="what changes between two licenses, and for whom",
        description="What changes for those who had license A and get license B, clause by clause, and for whom.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("before", metavar="A", help="the license before")
    parser.add_argument("after", metavar="B", help="the license after")
    parser.add_argument("--json", action="store_true", help="the comparison as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.licenses.compare import compare

    try:
        compared = compare(args.before, args.after)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    if args.json:
        import json

        print(json.dumps(as_json(compared), indent=1, ensure_ascii=False))
    else:
        _page(compared).print()
    return 0


def as_json(compared: Comparison) -> dict[str, Any]:
    """`changes`, `who_gains`, `who_loses`, and under `for_whom` the answers that moved."""
    return {
        "from": compared.before,
        "to": compared.after,
        "changes": [
            {
                "kind": change.kind,
                "from": change.before,
                "to": change.after,
                "direction": change.direction,
                "cites": list(change.cites),
                "words": {"from": change.words[0], "to": change.words[1]},
            }
            for change in compared.changes
        ],
        "who_gains": list(compared.who_gains),
        "who_loses": list(compared.who_loses),
        "for_whom": [
            {"who": s.who, "action": s.action, "from": s.before, "to": s.after, "cites": list(s.cites)}
            for s in compared.shifts
        ],
    }


def _page(compared: Comparison) -> Sheet:
    from licet.cli.cited import Sheet
    from licet.licenses.sentences import NOT_ADVICE

    page = Sheet()
    page.title(f"{compared.before}  ->  {compared.after}")
    if not compared.changes:
        page.text("No clause differs.")
        return page
    for direction in ("looser", "stricter", "other"):
        found = [change for change in compared.changes if change.direction == direction]
        page.rows(direction.capitalize(), ((_sentence(c), " | ".join(dict.fromkeys(c.cites))) for c in found))
    for title, people, up in (("Who gains", compared.who_gains, True), ("Who loses", compared.who_loses, False)):
        page.rows(title, ((f"{who}: {_moved(compared, who, up)}", "") for who in people))
    page.title(NOT_ADVICE)
    return page


def _sentence(change: Change) -> str:
    kind = change.kind.replace("_", " ")
    before, after = change.words
    told = f"{kind}: {change.before} -> {change.after}"
    return told + (f" (before: {before or '-'}; after: {after or '-'})" if before or after else "")


def _moved(compared: Comparison, who: str, up: bool) -> str:
    order = ("no", "depends", "yes")
    moved = [s for s in compared.shifts if s.who == who and (order.index(s.after) > order.index(s.before)) is up]
    return ", ".join(f"{s.action} {s.before} -> {s.after}" for s in moved)
