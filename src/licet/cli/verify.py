"""`licet verify CERT`: is a certificate what its issuer signed, and does it still hold? Offline, anywhere."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licet.cli.folder import add_data, data_folder
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.certificate import Checked, Keys, Opened, Revocations
    from licet.cli.types import Commands

_MOST = 64 << 20  # bytes that are read of one file, whatever its name leads to
PAGE = """\
examples:
  licet verify cert_4Tq.json --key jwks.json
  licet verify cert_4Tq.json --key jwks.json --revocations licet-revocations.json
  licet verify receipt-sana-7.json --key issuer.pem

The issuer's server gives its keys at /.well-known/jwks.json and what was taken back at
/.well-known/licet-revocations.json. Get both from an address that you trust: whoever gives you the certificate could give
you keys of his own. Where a server was started in this folder, its own keys are taken without --key.

Exit code 0 where it holds, 1 where it does not, 2 where it could not be asked. A list of revocations that is too old is a
no: without --revocations nothing is said of them."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "verify",
        description="Check a certificate or a receipt: its signature, its time, and whether it was taken back.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="CERT", help="the file; - is standard input")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the issuer's keys: a JWKS, a JWK, or a key in PEM")
    parser.add_argument("--revocations", type=Path, metavar="FILE", help="the issuer's signed list")
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        body = _body(args.file)
        keys = keys_of(args.key, data_folder(args, must_exist=False))
        told = _receipt(body, keys) or _certificate(body, keys, args.revocations)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        _print(told)
    return 0 if told["holds"] else 1


def keys_of(file: Path | None, data: Path, option: str = "--key") -> Keys:
    """The keys of a file; without one those of the server whose data folder this is. LicetError where there are none.

    `option` is what names the file on the command line.
    """
    from licet.certificate import read_keys

    if file is not None:
        return read_keys(read(file), where=str(file))
    if (data / "portal.sqlite3").is_file():
        from licet.cli.believed import believed

        return believed(data / "portal.sqlite3")
    raise LicetError(
        "whose signature? No keys are given",
        mend=f"take the issuer's: curl -O https://…/.well-known/jwks.json, then {option} jwks.json",
    )


def revocations_of(file: Path | None, keys: Keys) -> Revocations | None:
    """The list in a file. LicetError for one that was not signed by these keys."""
    from licet.certificate import Broken, read_revocations

    if file is None:
        return None
    listed = read_revocations(read(file), keys)
    if isinstance(listed, Broken):
        raise LicetError(listed.detail, where=str(file), mend="take the issuer's /.well-known/licet-revocations.json")
    return listed


def read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_MOST)
    except OSError as wrong:
        raise LicetError(
            f"cannot be read ({wrong.strerror})", where=str(file), mend="name the file, or check who may read it"
        ) from None


def told_of(checked: Checked) -> dict[str, Any]:
    """What was found, as JSON says it."""
    from licet.certificate.certificate import rfc3339

    found: dict[str, Any] = {"holds": checked.holds, "code": checked.code, "detail": checked.detail, "key": checked.kid}
    if checked.certificate is not None:
        one = checked.certificate
        found |= {
            "id": one.id, "issuer": one.issuer, "licensor": one.licensor, "holder": asdict(one.holder),
            "release": one.release, "version": one.version, "component": one.component, "license": asdict(one.license),
            "from": rfc3339(one.from_s), "until": rfc3339(one.until_s), "by": one.by,
            "revocations_as_of": rfc3339(checked.revocations_s),
        }  # fmt: skip
    return found


def _certificate(body: bytes, keys: Keys, revocations: Path | None) -> dict[str, Any]:
    from licet.certificate import check

    listed = revocations_of(revocations, keys)
    return {"kind": "certificate", **told_of(check(body, keys, now_s=int(time.time()), revocations=listed))}


def _receipt(body: bytes, keys: Keys) -> dict[str, Any] | None:
    """A receipt has a signature and no end; None for what is none."""
    from licet.certificate import Broken, opened

    seal: Opened | Broken = opened("receipt", body, keys)
    if isinstance(seal, Broken):
        if seal.code == "wrong_kind" or b'"receipt"' not in body:
            return None
        return {"kind": "receipt", "holds": False, "code": seal.code, "detail": seal.detail}
    license, at = seal.statement.get("license"), seal.statement.get("accepted")
    words = f"It is what was signed: {_id(license)} was accepted at {at}."
    return {"kind": "receipt", "holds": True, "code": "", "detail": words, "key": seal.kid, "receipt": seal.statement}


def _id(license: object) -> object:
    return license.get("id") if isinstance(license, dict) else license


def _body(file: str) -> bytes:
    return sys.stdin.buffer.read(_MOST) if file == "-" else read(Path(file))


def _print(told: dict[str, Any]) -> None:
    print(("HOLDS" if told["holds"] else "DOES NOT HOLD") + f"  {told['detail']}")
    rows = {
        "certificate": told.get("id"), "holder": (told.get("holder") or {}).get("name"),
        "component": told.get("id") and f"{told['component']} of {told['release']} {told['version']}",
        "license": (told.get("license") or {}).get("id"), "text": (told.get("license") or {}).get("sha256"),
        "from": told.get("from"), "until": told.get("id") and (told["until"] or "without end"),
        "issuer": told.get("issuer"), "key": told.get("key"),
    }  # fmt: skip
    if any(rows.values()):
        print()
    for name, value in rows.items():
        if value:
            print(f"  {name:<12}{value}")
    if told["kind"] == "certificate" and told.get("id") and told.get("revocations_as_of") is None:
        print("\nWhether it was taken back was not asked: --revocations FILE does.")
