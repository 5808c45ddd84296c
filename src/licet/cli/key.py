"""`licet key`: list, make, rotate, revoke keys; bring in those of people who have keys elsewhere."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.portal import add_portal, day, moment, open_portal
from licet.cli.types import count
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.keys import Made
    from licet.portal.models import Key


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "key",
        description="Keys: list, make, rotate, revoke, scan, import."
        " A secret is shown once, when it is made; only its digest is kept.",
        epilog="examples: licet key make ada@example.org --name laptop | licet key revoke key_… | licet key import users.csv",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    one = acts.add_parser(
        "list", description="Keys, of everybody or of one. Example: licet key list ada@example.org", help="keys"
    )
    one.add_argument("who", metavar="EMAIL|HOLDER", nargs="?")
    one.set_defaults(run=_list)
    add_portal(one)

    one = acts.add_parser(
        "make",
        description="A new key for an account. Example: licet key make ada@example.org --name laptop --fact commercial=false",
        help="a new key",
    )
    one.add_argument("who", metavar="EMAIL|HOLDER")
    one.add_argument("--name", default="key")
    one.add_argument("--feature", action="append", metavar="NAME", help="narrow it to this feature (may be repeated)")
    one.add_argument(
        "--scope", action="append", default=[], metavar="SCOPE",
        help="decide: ask about others; metrics: read /metrics; requests: answer requests for a tier",
    )  # fmt: skip
    one.add_argument(
        "--fact", action="append", default=[], metavar="NAME=VALUE", help="what its owner declares (may be repeated)"
    )
    one.add_argument("--from", action="append", default=[], dest="networks", metavar="NETWORK",
                     help="calls come from there only, like 10.0.0.0/8 (may be repeated)")  # fmt: skip
    one.add_argument("--budget", action="append", default=[], metavar="QUOTA",
                     help="at most so much with it, inside the tier: '100 calls / day' (may be repeated)")  # fmt: skip
    one.add_argument("--expires", type=moment, metavar="DATE", help="like 2027-01-31")
    one.set_defaults(run=_make)
    add_portal(one)

    one = acts.add_parser(
        "rotate",
        description="A new secret for the same key; the old one goes on for a while."
        " Example: licet key rotate key_… --overlap 3600",
        help="a new secret for the same key",
    )
    one.add_argument("key", metavar="KEY", help="a key_… id, never a secret")
    one.add_argument(
        "--overlap",
        type=count,
        metavar="SECONDS",
        help="how long the old secret goes on (default: one day; 0: not at all)",
    )
    one.set_defaults(run=_rotate)
    add_portal(one)

    one = acts.add_parser(
        "revoke",
        description="Refuse a key from its next call on. Example: licet key revoke key_…",
        help="refuse it at once",
    )
    one.add_argument("key", metavar="KEY", help="a key_… id, never a secret")
    one.add_argument("--why", default="")
    one.set_defaults(run=_revoke)
    add_portal(one)

    one = acts.add_parser(
        "scan",
        description="Find keys of Licet that lie about in a folder, in every file of it: also hidden ones and those that git"
        " ignores. Told by form and checksum, so no other text is taken for one. Prints where and which, never the secret."
        " Not looked into: archives and compressed files. Exit code 1 when there are any. With a data folder at hand it says"
        " which still work; --revoke ends those. Examples: licet key scan . | licet key scan ~/work --revoke",
        help="find keys that lie about in files",
    )
    one.add_argument("folder", type=Path, metavar="DIR")
    one.add_argument("--revoke", action="store_true", help="revoke each that still works here")
    one.set_defaults(run=_scan)
    add_portal(one)

    one = acts.add_parser(
        "import",
        description="Accounts and keys of people who call you already, from a CSV with the columns email, tier (optional),"
        " sha256 (optional: of the key they have, so that they go on calling with it), name (optional). All rows or none."
        " Example: licet key import users.csv",
        help="bring in existing people from a CSV",
    )
    one.add_argument("file", type=Path, metavar="FILE")
    one.set_defaults(run=_import)
    add_portal(one)


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal import accounts, ledger_reading
    from licet.portal.models import Key

    found = Key.objects.select_related("holder__account").order_by("made_s", "id")
    if args.who:
        found = found.filter(holder=accounts.find(args.who))
    mine: dict[str, set[str]] = {}
    for k in found:
        mine.setdefault(k.holder_id, set()).add(k.pk)
    used = {key: at_s for who, ids in mine.items() for key, at_s in ledger_reading.last_use(who, ids).items()}
    told = [
        {
            "key": k.pk,
            "name": k.name,
            "owner": k.holder.account.email if k.holder.account else k.holder_id,
            "starts": k.prefix,
            "made": day(k.made_s),
            "used": day(used.get(k.pk)),
            "expires": day(k.expires_s),
            "revoked": day(k.revoked_s),
        }
        for k in found
    ]
    rows(told, as_json=args.json, empty="no keys yet; `licet key make EMAIL` makes one")
    return 0


def _make(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events, keys
    from licet.terms import fact

    declared = {}
    for pair in args.fact:
        name, equals, text = pair.partition("=")
        try:
            declared[name] = fact.parse(name, text)
        except ValueError as wrong:
            raise LicetError(
                str(wrong), where=f"--fact {pair}", mend="" if equals else "write it like commercial=false"
            ) from None
    made = keys.make(
        accounts.find(args.who), args.name, events.COMMAND,
        scopes=args.scope, features=args.feature, declared=declared, expires_s=args.expires,
        networks=args.networks, budgets=args.budget, nonce=secrets.token_hex(16),
    )  # fmt: skip
    _tell(made, args.json)
    return 0


def _rotate(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events, keys

    overlap_s = keys.OVERLAP_S if args.overlap is None else args.overlap
    _tell(keys.rotate(_known(args.key), events.COMMAND, overlap_s=overlap_s, nonce=secrets.token_hex(16)), args.json)
    return 0


def _revoke(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events, keys

    keys.revoke(_known(args.key), events.COMMAND, args.why)
    print(f"revoked {args.key}: its next call is refused")
    return 0


def _import(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.portal import release_name
    from licet.portal import events, imports

    try:
        text = args.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise LicetError("this file cannot be read", where=str(args.file), mend="a CSV in UTF-8") from None
    brought = imports.bring_in(text, release_name(args), events.COMMAND, path=str(args.file))
    print(f"brought in {brought.accounts} accounts and {brought.keys} keys")
    return 0


def _scan(args: argparse.Namespace) -> int:
    from licet.cli import key_scan

    return key_scan.run(args)


def _known(key_id: str) -> Key:
    from licet.portal.models import Key

    if key_id.startswith("lic_"):
        raise LicetError(
            "this is a secret, and secrets are never arguments", mend="name the key_… id; `licet key list` has it"
        )
    found = Key.objects.filter(pk=key_id).first()
    if found is None:
        raise LicetError(f"there is no key `{key_id}`", mend="`licet key list` names them")
    return found


def _tell(made: Made, as_json: bool) -> None:
    import json

    if as_json:
        print(json.dumps({"key": made.key.pk, "secret": made.secret.reveal()}))
    else:
        print(f"{made.key.pk} ({made.key.name}). This is the only time you see its secret:\n{made.secret.reveal()}")
