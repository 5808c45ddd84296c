"""`licet certificate`: who was promised what, issue one, take one back, and the key that signs them."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from licet.cli.portal import add_portal, day, moment, open_portal, release_name
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.certificates.models import CertificateRow

WHO = """\
WHO is an account's address, a holder's id (hol_…) or an organization's name:
  licet certificate list
  licet certificate issue 'Whale Watch' weights --license LicenseRef-Example-Commercial-1.0 --until 2027-06-30
  licet certificate show cert_… > certificate.json        the file, as its holder has it
  licet certificate revoke cert_… --why 'terms broken'

  licet certificate rotate                  another key signs from now on; what was signed stays good
  licet certificate rotate --compromised    nothing of the old key is believed any more; all in force is signed anew

A tier with `licenses` brings certificates by itself, for exactly the time that is paid."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "certificate",
        description="Certificates: signed promises of the licensor's about a component.",
        epilog=WHO,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    def act(name: str, says: str, example: str, run: object) -> argparse.ArgumentParser:
        one = acts.add_parser(name, description=f"{says}. Example: licet certificate {example}", help=says)
        one.set_defaults(run=run)
        add_portal(one)
        return one

    one = act("list", "the certificates in force", "list", _list)
    one.add_argument("--all", action="store_true", help="those that ended or were taken back, too")
    one = act("issue", "promise a holder a license", "issue ada@example.org weights --license LicenseRef-…", _issue)
    one.add_argument("who", metavar="WHO")
    one.add_argument("component", metavar="COMPONENT")
    one.add_argument("--license", required=True, metavar="LICENSE", help="an SPDX expression or a LicenseRef-")
    one.add_argument("--from", dest="from_s", type=moment, metavar="DATE", help="like 2027-01-31 (default: now)")
    one.add_argument("--until", type=moment, metavar="DATE", help="its end (default: none)")
    act("show", "the signed file", "show cert_…", _show).add_argument("certificate", metavar="CERT")
    one = act("revoke", "take one back: it stands on the list of revocations", "revoke cert_…", _revoke)
    one.add_argument("certificate", metavar="CERT")
    one.add_argument("--why", default="", help="its holder reads it, in the mail")
    one = act("rotate", "another key signs from now on", "rotate", _rotate)
    one.add_argument("--compromised", action="store_true", help="the old key is in other hands: believe nothing of it")


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.certificates.models import CertificateRow
    from licet.portal.certificates.reading import state

    kept = CertificateRow.objects.filter(release=release_name(args)).select_related("holder__account")
    found = [(row, state(row)) for row in kept.order_by("issued_s", "id")]
    shown = [_told(row, now) for row, now in found if args.all or now in ("in force", "to come")]
    rows(shown, as_json=args.json, empty="no certificates")
    return 0


def _told(row: CertificateRow, state: str) -> dict[str, Any]:
    return {
        "certificate": row.pk, "holder": str(row.holder), "component": f"{row.component} {row.version}",
        "license": row.license, "from": day(row.from_s), "until": day(row.until_s), "state": state, "for": row.basis,
    }  # fmt: skip


def _issue(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal.certificates import issuing
    from licet.portal.certificates.reading import state
    from licet.portal.events import COMMAND
    from licet.portal.whatif.who import holder as named

    holder = named(args.who)
    row = issuing.issue(
        holder, release_name(args), args.component, args.license, COMMAND, from_s=args.from_s, until_s=args.until
    )
    if args.json:
        print(json.dumps(_told(row, state(row)), indent=1, ensure_ascii=False))
        return 0
    end = f"until {day(row.until_s)} UTC" if row.until_s else "without end"
    print(f"{row.pk}: {holder} has {row.license} for {row.component} {row.version}, {end}")
    if not row.text_sha256:
        print(f"The release carries no text of it: put LICENSES/{row.license}.txt there, and publish.", file=sys.stderr)
    return 0


def _show(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal.certificates import issuing

    print(issuing.file(_row(args.certificate)).decode(), end="")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal.certificates import issuing
    from licet.portal.events import COMMAND

    row = _row(args.certificate)
    if row.revoked_s is not None:
        print(f"{row.pk} was taken back already, on {day(row.revoked_s)}")
        return 0
    issuing.revoke(row, COMMAND, args.why)
    print(f"taken back: {row.pk}. Whoever checks the list of revocations knows it from now on.")
    return 0


def _rotate(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal.certificates import signing
    from licet.portal.events import COMMAND

    made = signing.rotate(COMMAND, compromised=args.compromised)
    print(f"signs from now on: {made.kid}")
    if args.compromised:
        print(
            "Nothing that the old key signed is believed any more. Holders find the same promises signed anew in the portal."
        )
    return 0


def _row(word: str) -> CertificateRow:
    from licet.portal.certificates.models import CertificateRow

    row = CertificateRow.objects.select_related("holder__account").filter(pk=word).first()
    if row is None:
        raise LicetError(f"there is no certificate `{word}`", mend="`licet certificate list --all` names them")
    return row
