"""`licet grant queue`: who asked for what a program opens, what did they say, and what is the answer?"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from licet.cli.portal import day, moment, open_portal, release_name
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.portal.programs.models import Application

EXAMPLES = """\

  licet grant queue                  applications that wait for an answer, what is due first at the top
  licet grant read app_…             one, with all that was asked and said
  licet grant approve app_… --until 2027-06-30
  licet grant reject app_… --words 'the work is for a customer: see the premium tier'
  licet grant ask app_… --words 'who else works on it?'"""


def add(act: Callable[..., argparse.ArgumentParser]) -> None:
    """Its acts, beside the others of `licet grant`."""
    one = act("queue", "applications that wait for an answer, what is due first at the top", "queue", _queue)
    one.add_argument(
        "--all", action="store_true", help="those that were answered, and those that wait for the asker, too"
    )
    act("read", "one application, with all that was asked and said", "read app_…", _read).add_argument(
        "application", metavar="APPLICATION"
    )
    for name, says, run in (
        ("approve", "a grant of what the program opens, and a mail", _approve),
        ("reject", "refuse, with words that its writer reads", _reject),
        ("ask", "ask its writer back; the clock stands still meanwhile", _ask),
    ):
        one = act(name, says, f"{name} app_…" + ("" if name == "approve" else " --words '…'"), run)
        one.add_argument("application", metavar="APPLICATION", help="its app_… id in `licet grant queue`")
        one.add_argument("--words", default="", required=name != "approve", help="told to its writer")
        if name == "approve":
            one.add_argument(
                "--until", type=moment, metavar="DATE", help="like 2027-06-30 (default: as the program says)"
            )


def _told(row: Application) -> dict[str, Any]:
    from licet.portal import clock

    state = row.get_state_display().lower()
    if row.overdue(clock.now_s()):
        state = f"overdue: {state}"
    return {
        "application": row.pk,
        "for": str(row.holder),
        "program": row.program,
        "sent": day(row.sent_s),
        "due": day(row.due_s),
        "state": state,
        "grant": row.grant_id or "",
    }


def _queue(args: argparse.Namespace) -> int:
    open_portal(args)
    from django.db.models import F

    from licet.cli.show import rows
    from licet.portal.programs.models import Application

    kept = Application.objects.filter(release=release_name(args)).exclude(state=Application.State.DRAFT)
    if not args.all:
        kept = kept.filter(state=Application.State.SENT)
    kept = kept.select_related("holder__account", "holder__organization").order_by(
        F("due_s").asc(nulls_last=True), "-answered_s", "id"
    )
    rows([_told(one) for one in kept], as_json=args.json, empty="no application waits")
    return 0


def _read(args: argparse.Namespace) -> int:
    open_portal(args)
    row = _found(args.application)
    said = [
        {"who": "operator" if s.by_operator else "applicant", "at": day(s.at_s), "said": s.words}
        for s in row.said.all()
    ]
    if args.json:
        whole = {**_told(row), "answers": row.answers, "evidence": row.evidence, "said": said}
        print(json.dumps(whole, indent=1, ensure_ascii=False))
        return 0
    print("\n".join(f"{name:<11} {value}" for name, value in _told(row).items() if value))
    for one in (*row.answers, *row.evidence):
        print(f"\n{one['asked']}\n  {_plain(one['said'] or '(nothing)')}")
    for told in said:
        print(f"\n{told['who']}, {told['at']}:\n  {_plain(told['said'])}")
    return 0


def _approve(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events
    from licet.portal.programs import applications

    row = applications.approve(_found(args.application), events.COMMAND, args.words, until_s=args.until)
    print(f"approved: {row.pk} opens {', '.join(row.actions)} until {day(row.until_s)} UTC; its writer gets a mail")
    return 0


def _reject(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events
    from licet.portal.programs import applications

    applications.reject(_found(args.application), events.COMMAND, args.words)
    print("refused: its writer gets your words by mail")
    return 0


def _ask(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events
    from licet.portal.programs import applications

    applications.ask_back(_found(args.application), events.COMMAND, args.words)
    print("asked: it waits for its writer now, and your clock stands still")
    return 0


def _found(word: str) -> Application:
    """A draft is its writer's own: there is none to an operator."""
    from licet.portal.programs.models import Application

    kept = Application.objects.exclude(state=Application.State.DRAFT)
    row = kept.select_related("holder__account", "holder__organization").filter(pk=word).first()
    if row is None:
        raise LicetError(f"there is no application `{word}`", mend="`licet grant queue --all` names them")
    return row


def _plain(text: str) -> str:
    """What strangers wrote, for a terminal: lines stay lines, what would steer it is shown."""
    return "\n  ".join(
        "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line) for line in text.splitlines()
    )
