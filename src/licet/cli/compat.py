"""`licet compat INBOUND OUTBOUND`: may a work that contains one license go out under another?"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.cited import Sheet
    from licet.cli.types import Commands
    from licet.terms import Verdict

PAGE = """\
  licet compat Apache-2.0 GPL-2.0-only
  licet compat "MIT OR GPL-3.0-only" proprietary
  licet compat openrail++ Apache-2.0 --json

INBOUND is what the work contains, changed; OUTBOUND is what the whole shall go out under, or `proprietary`. It puts
both licenses the same questions and shows the clause that decides."""

DETAIL = {
    "yes": "A work that contains {inbound} may go out under {outbound}.",
    "no": "A work that contains {inbound} may not go out under {outbound}.",
    "depends": "Whether a work that contains {inbound} may go out under {outbound} depends on what is asked below.",
}


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "compat",
        help="may a work that contains one license go out under another?",
        description="May a work that contains INBOUND go out under OUTBOUND, and which clause decides?",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("inbound", metavar="INBOUND", help="the license of a part")
    parser.add_argument("outbound", metavar="OUTBOUND", help="the license of the whole, or `proprietary`")
    parser.add_argument("--json", action="store_true", help="the verdict as JSON")
    parser.add_argument("--exit-code", action="store_true", help="exit with 0 for yes, 1 for no, 3 for depends")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.licenses.compat import compat

    try:
        verdict = compat(args.inbound, args.outbound)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    told = as_json(verdict, args.inbound, args.outbound)
    if args.json:
        import json

        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        _page(told).print()
    return {"yes": 0, "no": 1, "depends": 3}[told["answer"]] if args.exit_code else 0


def as_json(verdict: Verdict, inbound: str, outbound: str) -> dict[str, Any]:
    """The verdict in the shape of every verdict, with both names and a sentence of its own."""
    from licet.terms import plain

    told = plain.as_json(verdict, action="distribute")
    words = {clause.cite: clause.duty for clause in verdict.because if clause.duty}
    for row in told["because"]:
        row["says"] = words.get(row["cite"], row["says"])
    told["detail"] = DETAIL[told["answer"]].format(inbound=inbound, outbound=outbound)
    return {"inbound": inbound, "outbound": outbound, **told}


def _page(told: dict[str, Any]) -> Sheet:
    from licet.cli.cited import BOLD, COLOURS, Sheet
    from licet.licenses.sentences import NOT_ADVICE

    page = Sheet()
    page.lines.append(page.ink(COLOURS[told["answer"]] + BOLD, told["answer"].upper()) + "  " + told["detail"])
    page.rows("Because", ((row["says"], row["cite"]) for row in told["because"]))
    page.rows("You must", ((row["says"], row["cite"]) for row in told["duties"]))
    page.rows("Tell", ((row["question"], row["fact"]) for row in told["needs"]))
    page.title(NOT_ADVICE)
    return page
