"""`licet write LICENSE --holder --year`: a LICENSE file, and the lines for each source file."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from licet.errors import LicetError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from licet.cli.types import Commands
    from licet.licenses.write_sources import Source

PAGE = """\
Licet ships no license text. It takes one that is installed here for other reasons and is word for word the license, or
the one that you give:
  licet write MIT --holder "Ada Example" --year 2026
  licet write Apache-2.0 --holder "Example Lab" --headers src/*.py
  licet write LicenseRef-llama-3-2024 --text FILE --url https://… --sha256 …
  licet write MIT --holder "Ada Example" --headers          only print the lines for source files

A file that exists is never overwritten without --force."""
YEARS = re.compile(r"\d{4}((-|, ?)\d{4})*")


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "write",
        help="write a LICENSE file and headers",
        description="Write the LICENSE file of a license, with its holder and year, and headers into source files.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("license", metavar="LICENSE", help="an id or a name: `licet explain` lists them")
    parser.add_argument("--holder", default="", help="who holds the copyright")
    parser.add_argument("--year", default="", help="the year, or years: 2024-2026 (default: this year)")
    parser.add_argument("--to", type=Path, default=Path("LICENSE"), metavar="FILE", help="where to (default: LICENSE)")
    parser.add_argument(
        "--headers", nargs="*", metavar="FILE", help="put a header into these; none: print it, write nothing"
    )
    parser.add_argument("--text", type=Path, metavar="FILE", help="the license text, got from its publisher")
    parser.add_argument("--url", help="with --text: where it is from")
    parser.add_argument("--sha256", help="with --text: its SHA-256")
    parser.add_argument("--force", action="store_true", help="overwrite a file that exists")
    parser.add_argument("--json", action="store_true", help="what was done, as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.licenses.expression import license_id
    from licet.licenses.write import filled, header, needs_holder

    try:
        id = license_id(args.license)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    year = args.year or time.strftime("%Y", time.gmtime())
    if not YEARS.fullmatch(year):
        raise LicetError(f"`{args.year}` is no year", where="--year", mend="write it like 2026, or 2024-2026")
    if args.headers != [] and not args.to.parent.is_dir():
        raise LicetError("there is no such folder", where=str(args.to.parent), mend="make it, or choose another")
    if args.headers is not None and not args.holder:
        raise LicetError("a header names its holder", mend='add --holder "NAME"')
    lines = header(id, args.holder, year)
    if args.headers == []:
        print(json.dumps({"id": id, "header": lines}, indent=1) if args.json else "\n".join(lines))
        return 0
    if args.to.exists() and not args.force:
        raise LicetError(
            "it exists already", where=str(args.to), mend="--force overwrites it, --to FILE writes elsewhere"
        )
    source = _source(args, id)
    if needs_holder(source.text) and not args.holder:
        raise LicetError(f"{id} names its holder", mend='add --holder "NAME"')
    written = filled(source.text, args.holder, year)
    headed = _headed(args.headers or (), lines)
    for path, text in {**headed, str(args.to): written.text}.items():
        Path(path).write_bytes(text.encode("utf-8"))
    done = list(headed)
    if args.json:
        told = {"id": id, "path": str(args.to), "source": source.where, "sha256": source.sha256}
        print(json.dumps({**told, "placeholders_left": written.left, "headers": done}, indent=1, ensure_ascii=False))
        return 0
    print(f"{args.to}: {id}, from {source.where}")
    if written.left:
        print(f"left for you to read or fill: {', '.join(written.left)}")
    for path in done:
        print(f"{path}: header")
    return 0


def _source(args: argparse.Namespace, id: str) -> Source:
    from licet.licenses.write_sources import address, at_hand, given

    if args.text:
        try:
            text = args.text.read_bytes()
        except OSError as error:
            raise LicetError(f"cannot read it ({error.strerror})", where=str(args.text), mend="name the text") from None
        if not args.url or not args.sha256:
            raise LicetError("a text comes with --url and --sha256", where=str(args.text), mend="say where it is from")
        return given(text, args.url, args.sha256, id)
    if found := at_hand(id):
        return found
    raise LicetError(
        f"no text of {id} is installed here, and Licet ships none",
        mend=f"it is published at {address(id)}; then `licet write {id} --text FILE --url URL --sha256 HASH`."
        " The extra `licet[texts]` brings 2,600 texts (575 MB)",
    )


def _headed(paths: Iterable[str], lines: tuple[str, ...]) -> dict[str, str]:
    """The files that get a header, as they will be: all are worked out before the first is written."""
    from licet.licenses.write import with_header

    changed = {}
    for path in paths:
        try:
            text = Path(path).read_bytes().decode("utf-8")
        except (OSError, UnicodeError):
            raise LicetError("cannot read it as text", where=path, mend="leave it out") from None
        if (new := with_header(text, path, lines)) != text:
            changed[path] = new
    return changed
