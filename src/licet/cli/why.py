"""`licet why CALL_ID`: the verdict of a call as it was given, whatever has changed since."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from licet.cli.folder import add_data, data_folder
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "why",
        description="Why was a call let in or refused? Every answer of the gate carries its call id: in the header X-Request-Id,"
        " in the body of a refusal, and in the server's log.",
        epilog="example: licet why call_0352Of1XqtsgFanEBCF7Hg",
    )
    parser.add_argument("call", metavar="CALL_ID", help="a call_… id")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_data(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.ledger.why import why

    found = why(data_folder(args) / "ledger.sqlite3", args.call)
    if found is None and args.call.startswith("page_"):
        raise LicetError(
            f"`{args.call}` was a page: it has no verdict", mend="its lines in the server's log begin with this id"
        )
    if found is None:
        raise LicetError(
            f"there is no call `{args.call}`", mend="its id stands in X-Request-Id; refusals are kept for 30 days"
        )
    print(json.dumps(found, indent=1, ensure_ascii=False) if args.json else _page(found))
    return 0


def _page(found: dict[str, Any]) -> str:
    from licet.cli.portal import day

    verdict = found["verdict"] or {}
    status = f", status {found['status']}" if found["status"] else ""
    key = f" with {found['key_id']}" if found["key_id"] not in ("", None, found["holder"]) else ""
    lines = [
        f"{found['call_id']}  {day(found['at_s'])} UTC",
        f"  {found['feature']} of {found['release']}, by {found['holder']}{key}",
        f"  {found['state']}{status}, {found['took_ms']} ms",
    ]
    if found["amounts"]:
        lines.append("  counted: " + ", ".join(f"{n} in {meter}" for meter, n in found["amounts"].items()))
    if not verdict:
        return "\n".join([*lines, "  its verdict was not kept: an older Licet let it in"])
    lines += ["", f"{str(verdict.get('answer', '')).upper()}  {verdict.get('detail', '')}"]
    if verdict.get("document"):
        lines.append(f"  as of the document {verdict['document'][:6]}")
    for title, name in (("Because", "because"), ("You must", "duties")):
        if told := verdict.get(name):
            wide = max(len(one["cite"]) for one in told)
            lines += ["", title, *(f"  {one['cite'].ljust(wide)}  {one['says']}" for one in told)]
    if ways := verdict.get("would_allow"):
        lines += ["", "What would have been a yes", *(f"  {one['detail']}" for one in ways)]
    return "\n".join(lines)
