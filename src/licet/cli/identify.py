"""`licet identify PATH...`: which license is a text?"""

from __future__ import annotations

import argparse
import codecs
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licet.errors import LicetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from licet.cli.cited import Sheet
    from licet.cli.types import Commands
    from licet.licenses.identify import Identification

_MOST = 2 << 20  # bytes that are read of one file: more than `identify` looks at
PAGE = """\
PATH is a license, a source file, a README, a model card, or a folder, where every such file is looked at:
  licet identify LICENSE
  licet identify LICENSE --clauses       where each clause stands in the text
  licet identify model/ --json
  cat LICENSE | licet identify -

A known license with something added, changed or left out gets no id: it is called altered, and the license that it was
made from is named as the closest. A text that is near to nothing stays unknown. Exit code 2 where a path could not be
read: the others are answered all the same."""

NAMES = ("license", "licence", "copying", "unlicense", "readme", "notice")
SKIPPED = frozenset({".git", ".hg", "node_modules", "__pycache__", ".venv", "venv", ".licet"})


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "identify",
        help="which license a text is",
        description="Which license is a text? Line breaks, comment marks, names and years do not matter; added words do.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="files or folders; - reads standard input")
    parser.add_argument("--json", action="store_true", help="one object a file, as JSON")
    parser.add_argument("--clauses", action="store_true", help="show where each pinned clause stands in the text")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 where a text is unknown or altered")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.licenses.identify import identify

    told: list[tuple[str, str, Identification]] = []
    unread: list[LicetError] = []  # said after the answers about the others: one slip of the pen hides none of them
    for path in args.paths:
        for file in _files(path, lambda wrong: unread.append(_shut(wrong))):
            try:
                text = _text(file)
            except LicetError as wrong:
                unread.append(wrong)
            else:
                told.append((file, text, identify(text, file)))
    if args.json:
        import json

        print(json.dumps([as_json(*each, clauses=args.clauses) for each in told], indent=1, ensure_ascii=False))
    elif told:
        _page(told, args.clauses).print()
    elif not unread:
        print("no file here that would name a license: LICENSE, NOTICE, README or source code")
    if unread:
        sys.stdout.flush()
        for one in unread:
            print(one, file=sys.stderr)
        return 2
    found = all(each.id is not None for _, _, each in told)
    return 0 if found or not args.exit_code else 1


def as_json(path: str, text: str, found: Identification, *, clauses: bool = False) -> dict[str, Any]:
    """`path, id, score, altered, closest`; with `clauses` also where each stands, and what was added on which lines."""
    near = found.closest
    told: dict[str, Any] = {
        "path": path,
        "id": found.id,
        "score": found.score,
        "altered": found.altered,
        "closest": near and {"id": near.id, "differing_clauses": list(near.differing_clauses)},
    }
    if clauses:
        told["how"] = found.how
        told["added"] = [{"lines": [p.first_line, p.last_line], "text": text[p.start : p.end]} for p in found.added]
        told["clauses"] = [
            {"kind": h.kind, "value": h.value, "cite": h.cite, "line": h.line, "text": text[h.start : h.end]}
            for h in _highlights(text, found)
        ]
    return told


def _highlights(text: str, found: Identification) -> Iterable[Any]:
    from licet.licenses.highlight import highlight

    return highlight(text, found.closest.id) if found.closest and found.how in ("text", "nothing") else ()


def _page(told: list[tuple[str, str, Identification]], clauses: bool) -> Sheet:
    from licet.cli.cited import BOLD, COLOURS, Sheet, shorter

    page = Sheet()
    wide = min(max((len(path) for path, _, _ in told), default=0), 48)
    for path, text, found in told:
        word = "yes" if found.id else "depends" if found.altered else "no"
        page.lines.append(f"{path:<{wide}}  {page.ink(COLOURS[word] + BOLD, _answer(found))}")
        for line in _reasons(found):
            page.text(line, "  ")
        for passage in found.added:
            lines = f"lines {passage.first_line}-{passage.last_line}"
            where = lines if passage.last_line > passage.first_line else f"line {passage.first_line}"
            page.text(f"not in it, {where}: {' '.join(text[passage.start : passage.end].split())[:300]}", "    ")
        if clauses and found.closest:
            id = found.closest.id
            rows = ((f"line {h.line}: {h.kind} = {h.value}", shorter(h.cite, id)) for h in _highlights(text, found))
            page.rows(f"Clauses of {id} in it", rows)
    return page


def _answer(found: Identification) -> str:
    if found.id:
        return found.id
    return "altered" if found.altered else "unknown"


def _reasons(found: Identification) -> Iterable[str]:
    how = {"tag": "by its SPDX tag", "front matter": "by its front matter", "name": "by its name only, not by a text"}
    if found.id and found.how in how:
        yield how[found.how]
    near = found.closest
    if found.id is None and near and (found.altered or found.score > 0.25):
        made = "made from" if found.altered else "closest:"
        yield f"{made} {near.id}, {found.score:.0%} the same"
        if near.differing_clauses:
            yield "clauses that differ: " + ", ".join(near.differing_clauses)


def _files(path: str, shut: Callable[[OSError], None]) -> Iterable[str]:
    if path == "-" or not Path(path).is_dir():
        yield path
        return
    from licet.licenses.identify_clues import is_code

    found = [here / name for here, _, names in Path(path).walk(on_error=shut) for name in names]
    for file in sorted(found):
        looked_at = file.name.lower().startswith(NAMES) or is_code(file.name)
        if looked_at and file.is_file() and not SKIPPED.intersection(file.relative_to(path).parts):
            yield str(file)


def _shut(wrong: OSError) -> LicetError:
    mend = "run it as the user whose folder it is, or leave it out"
    return LicetError(f"cannot look into it ({wrong.strerror})", where=str(wrong.filename), mend=mend)


def _text(path: str) -> str:
    if path == "-":
        return sys.stdin.read(_MOST)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(_MOST)
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Windows writes texts so
            return data.decode("utf-16", errors="replace")
        return data.decode("utf-8", errors="replace").removeprefix("\ufeff")
    except OSError as error:
        raise LicetError(f"cannot read it ({error.strerror})", where=path, mend="name a file or a folder") from None
