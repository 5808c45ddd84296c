"""`licet grant`: an exception for one holder or a mail domain: which features, why, from when until when, how much.

Who asked for one stands in `grant_queue.py`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from licet.cli import grant_queue
from licet.cli.portal import add_portal, day, moment, open_portal, release_name
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.models import GrantRow

WHO = """\
WHO is an account's address, a holder's id (hol_…), an organization's name, or @ and a mail domain:
  licet grant make ada@example.org advanced_modelling --reason 'cancer study' --until 2027-06-30
  licet grant make 'Whale Lab' chat --reason 'pilot' --quota '500 calls / month'
  licet grant make @uni.example '*' --reason 'university site' --component weights

  licet grant list --all
  licet grant show grant_…
  licet grant revoke grant_… --why 'study ended'
  licet grant remind                 mail holders whose grants end soon; a server does it every day"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "grant",
        description="Grants: what somebody may beside the tier, with a reason, an end and a quota of its own.",
        epilog=WHO + grant_queue.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    def act(name: str, says: str, example: str, run: object) -> argparse.ArgumentParser:
        one = acts.add_parser(name, description=f"{says}. Example: licet grant {example}", help=says)
        one.set_defaults(run=run)
        add_portal(one)
        return one

    one = act("list", "the grants in force and those to come", "list", _list)
    one.add_argument("--all", action="store_true", help="those that ended or were revoked, too")
    one = act("make", "make one", "make ada@example.org advanced_modelling --reason 'cancer study'", _make)
    one.add_argument("who", metavar="WHO")
    one.add_argument("feature", nargs="+", metavar="FEATURE", help="features by name ('*': all), or `download`")
    one.add_argument("--reason", required=True, help="why; it stands in every answer that rests on the grant")
    one.add_argument("--component", action="append", metavar="NAME", help="only on this component; repeatable")
    one.add_argument("--quota", action="append", default=[], metavar="QUOTA", help="its own: '500 calls / month'")
    one.add_argument("--from", dest="from_s", type=moment, metavar="DATE", help="like 2027-01-31 (default: now)")
    one.add_argument("--until", type=moment, metavar="DATE", help="its end (default: none)")
    act("show", "one, with all that is known of it", "show grant_…", _show).add_argument("grant", metavar="GRANT")
    one = act("revoke", "take one back: what stood before it stands again", "revoke grant_…", _revoke)
    one.add_argument("grant", metavar="GRANT")
    one.add_argument("--why", default="", help="kept with the event")
    act("remind", "mail holders whose grants end soon, each once", "remind", _remind)
    grant_queue.add(act)


def _told(row: GrantRow) -> dict[str, Any]:
    from licet.portal import clock

    now = clock.now_s()
    state = "revoked" if row.revoked_s else "to come" if row.from_s > now else "in force"
    if state == "in force" and row.until_s is not None and row.until_s < now:
        state = "ended"
    return {
        "grant": row.pk,
        "owner": row.whose,
        "features": " ".join(a.replace(" ", ":") for a in row.actions),
        "quota": ", ".join(f"{q['limit']} {q['meter']} / {q['period']}" for q in row.quotas),
        "from": day(row.from_s),
        "until": day(row.until_s),
        "state": state,
        "reason": row.reason,
        "by": row.approver,
    }


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal import clock
    from licet.portal.models import GrantRow

    kept = GrantRow.objects.filter(release=release_name(args))
    if not args.all:
        kept = kept.filter(revoked_s=None).exclude(until_s__lt=clock.now_s())
    found = [_told(g) for g in kept.select_related("holder__account", "holder__organization").order_by("made_s", "id")]
    rows(found, as_json=args.json, empty="no grants")
    return 0


def _show(args: argparse.Namespace) -> int:
    open_portal(args)
    row = _grant(args.grant)
    told = _told(row) | {
        "release": row.release,
        "components": " ".join(row.components or ()),
        "program": row.program,
        "revoked": day(row.revoked_s),
        "reminded": day(row.reminded_s),
    }
    if args.json:
        import json

        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        print("\n".join(f"{name:<11} {value}" for name, value in told.items() if value))
    return 0


def _make(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import documents, events, grants
    from licet.portal.whatif.who import whose

    release = release_name(args)
    every = [f.name for f in documents.in_force(release).features]
    row = grants.grant(
        whose(args.who), release, every if args.feature == ["*"] else args.feature, events.COMMAND, reason=args.reason,
        components=args.component, from_s=args.from_s, until_s=args.until, quotas=grants.quotas(args.quota),
    )  # fmt: skip
    if args.json:
        import json

        print(json.dumps(_told(row), indent=1, ensure_ascii=False))
        return 0
    begins = f"from {day(row.from_s)} UTC on" if args.from_s else "from the next call on"
    print(f"{row.pk}: {row.whose} may {', '.join(row.actions)} {begins}")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events, grants

    row = _grant(args.grant)
    if row.revoked_s is not None:
        print(f"{row.pk} is revoked already, since {day(row.revoked_s)} UTC")
        return 0
    grants.revoke(row, events.COMMAND, args.why)
    print(f"revoked {args.grant}: it opens nothing from the next call on")
    return 0


def _remind(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal.programs import reminders

    print(f"{reminders.remind()} mails about grants that end soon")
    return 0


def _grant(word: str) -> GrantRow:
    from licet.portal.models import GrantRow

    row = GrantRow.objects.select_related("holder__account", "holder__organization").filter(pk=word).first()
    if row is None:
        raise LicetError(f"there is no grant `{word}`", mend="`licet grant list --all` names them")
    return row
