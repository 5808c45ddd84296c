"""`licet choose`: which license fits what you want?"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from licet.cli.types import count
from licet.errors import LicetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from licet.cli.cited import Sheet
    from licet.cli.types import Commands
    from licet.licenses.choose import Candidate
    from licet.licenses.choose_wish import Wish

PAGE = """\
Without flags it asks, one question after the other; Enter leaves a question open.
  licet choose
  licet choose --kind weights --users everyone --commercial true --changes free
  licet choose --kind weights --commercial false --path-to-yes true --json
  licet choose --kind docs --ladder        Creative Commons, from CC0 to BY-NC-ND

Every judgement asks `licet may` and cites its clause. What it costs are clauses of a kind that drew complaints, each with
the documented case. These are facts about texts, not legal advice."""

YES_NO = ("true", "false")


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "choose",
        help="find a license that fits what you want",
        description="Which license fits? Candidates with reasons, and with what each costs in adoption.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--kind", choices=("code", "weights", "data", "docs"), help="what it is")
    parser.add_argument("--users", choices=("everyone", "small", "research"), help="who should use it")
    parser.add_argument("--commercial", choices=YES_NO, help="may it be used commercially")
    parser.add_argument("--changes", choices=("free", "share-alike", "none"), help="may changed versions be given on")
    parser.add_argument("--naming", choices=("none", "credit", "brand"), help="must they name you")
    parser.add_argument("--outputs", choices=("free", "limited"), help="what of a model's outputs")
    parser.add_argument("--harm-limits", choices=YES_NO, help="shall the license forbid harmful uses")
    parser.add_argument("--later-opening", choices=YES_NO, help="shall it open by itself later")
    parser.add_argument("--path-to-yes", choices=YES_NO, help="do you offer another license to those it shuts out")
    parser.add_argument("--most", type=count, default=5, metavar="N", help="so many candidates (default 5; 0: all)")
    parser.add_argument("--ladder", action="store_true", help="show the ladder of Creative Commons")
    parser.add_argument("--json", action="store_true", help="the candidates as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.licenses.choose import advice, choose
    from licet.licenses.choose_wish import QUESTIONS, wish_of

    answers = {name: getattr(args, name) for name in QUESTIONS if getattr(args, name) is not None}
    if not answers and not args.ladder:
        if not sys.stdin.isatty():
            print("nothing is asked for; say --kind and what you want, or run it on a terminal", file=sys.stderr)
            return 2
        answers = asked(QUESTIONS)
    try:
        wish = wish_of(answers)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    found = choose(wish, most=args.most) if answers else ()
    advised = [one.says for one in advice(wish)] if answers else []
    shows_ladder = args.ladder or any(one.id.startswith("CC") for one in found)
    if args.json:
        print(json.dumps(as_json(wish, found, advised, ladder=shows_ladder), indent=1, ensure_ascii=False))
    else:
        _page(found, advised, ladder=shows_ladder).print()
    return 0


def asked(questions: Mapping[str, Any]) -> dict[str, str]:
    """The answers that somebody gives on a terminal."""
    told: dict[str, str] = {}
    for name, question in questions.items():
        if question.only_for and told.get("kind", "code") not in question.only_for:
            continue
        if name == "path_to_yes" and told.get("commercial") != "false" and told.get("users", "everyone") == "everyone":
            continue
        print(f"\n{question.asks}")
        words = list(question.answers)
        for n, word in enumerate(words, 1):
            print(f"  {n}  {question.answers[word]}")
        while answer := input("> ").strip().lower():
            if answer in words or (answer.isdecimal() and 0 < int(answer) <= len(words)):
                told[name] = answer if answer in words else words[int(answer) - 1]
                break
            print(f"a number from 1 to {len(words)}, or Enter if it does not matter")
    return told or {"kind": "code"}


def as_json(wish: Wish, found: tuple[Candidate, ...], advised: list[str], *, ladder: bool) -> dict[str, Any]:
    """What was wished, the candidates best first, what is to be said of the wish, and the ladder where it belongs."""
    from dataclasses import asdict

    from licet.licenses.sentences import NOT_ADVICE

    told: dict[str, Any] = {
        "wish": {name: value for name, value in asdict(wish).items() if value is not None},
        "candidates": [asdict(one) for one in found],
        "advice": advised,
    }
    if ladder:
        told["ladder"] = [{"id": one.id, "name": one.name, **_freedoms(one)} for one in _ladder()]
    return told | {"note": NOT_ADVICE}


def _page(found: tuple[Candidate, ...], advised: list[str], *, ladder: bool) -> Sheet:
    from licet.cli.cited import BOLD, DIM, Sheet, shorter
    from licet.licenses.openness import CLASSES
    from licet.licenses.sentences import NOT_ADVICE

    page = Sheet()
    if found and (found[0].against or found[0].unfit):
        page.text("No license that anybody can use does all of this. The nearest:")
    for one in found:
        title = f"{one.name}  ({one.id})"
        rows = [(CLASSES[one.openness], "")]
        rows += [(f"+ {r.says}", shorter(r.cite, one.id)) for r in one.fits]
        rows += [(f"- not met: {r.says}", shorter(r.cite, one.id)) for r in one.against]
        rows += [(f"? left open: {r.says}", shorter(r.cite, one.id)) for r in one.depends]
        rows += [(f"- {one.unfit}", "")] if one.unfit else []
        rows += [(f"! costs, {a.kind}: {a.case}", shorter(a.cite, one.id)) for a in one.costs]
        page.rows(title, rows)
    if ladder:
        _draw_ladder(page)
    page.rows("To be said of it", ((says, "") for says in advised))
    page.lines += ["", page.ink(DIM if page.colour else BOLD, NOT_ADVICE)]
    return page


def _draw_ladder(page: Sheet) -> None:
    from licet.licenses.choose_ladder import FREEDOMS

    page.title("Creative Commons as a ladder: what others may do")
    page.lines.append(" " * 18 + "  ".join(FREEDOMS))
    for rung in _ladder():
        marks = (("yes" if may else "no").ljust(len(words)) for may, words in zip(rung.may, FREEDOMS, strict=True))
        page.lines.append(f"  {rung.id:<16}{'  '.join(marks)}".rstrip())


def _ladder() -> tuple[Any, ...]:
    from licet.licenses.choose_ladder import ladder

    return ladder()


def _freedoms(rung: Any) -> dict[str, Any]:
    from licet.licenses.choose_ladder import FREEDOMS

    return {
        "may": dict(zip(FREEDOMS, rung.may, strict=True)),
        "cites": dict(zip(FREEDOMS, rung.cites, strict=True)),
    }
