"""Write `licenses/fingerprints/`: what `licet identify` knows texts by. Numbers only; no text gets into the repository.

The texts are read from packages that are installed somewhere for this purpose, never in the project's environment:

    uv venv TMP && uv pip install --python TMP/bin/python --no-deps scancode-toolkit-mini licenses-spdx
    python scripts/fingerprints.py --texts FOLDER --packages TMP/lib/python3.13/site-packages

FOLDER holds one `<id>.txt` a license: the texts that the sheets of the shelf were read from. They stand first, so that
an id of the shelf names a text where others would call it differently.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.expression import license_id
from licet.licenses.fingerprint import FOLDER, packed
from licet.licenses.identify_exact import digest
from licet.licenses.identify_words import words

Text = tuple[str, bool, list[str]]


def from_folder(folder: Path) -> Iterator[tuple[str, bool, str]]:
    for file in sorted(folder.glob("*.txt")):
        if not file.name.startswith("_"):
            yield file.stem, False, file.read_text(encoding="utf-8")


def from_scancode(packages: Path) -> Iterator[tuple[str, bool, str]]:
    """ScanCode's licenses (CC-BY-4.0) that have an SPDX id; exceptions are no license of their own."""
    for file in sorted((packages / "licensedcode/data/licenses").glob("*.LICENSE")):
        _, front, text, *_ = (*file.read_text(encoding="utf-8").split("---\n", 2), "", "")
        id = _field(front, "spdx_license_key")
        if not id or id.startswith("LicenseRef-") or "is_exception: yes" in front or "is_deprecated: yes" in front:
            continue
        yield id, len(words(text)) < 260 and id.endswith("-or-later"), text


def from_spdx(packages: Path) -> Iterator[tuple[str, bool, str]]:
    """The SPDX list's own texts, and the headers that it recommends."""
    for row in json.loads((packages / "data/licenses_nonobsolete_only.json").read_text(encoding="utf-8")):
        yield row["spdx_id"], False, _mended(row["license_text"])
        if row["license_header_text"]:
            yield row["spdx_id"], True, _mended(row["license_header_text"])


def _mended(text: str) -> str:
    """The package holds UTF-8 that was once read as Windows-1252."""
    try:
        return b"".join(_byte(letter) for letter in text).decode()
    except UnicodeError:
        return text


def _byte(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")


def _field(front: str, name: str) -> str:
    found = re.search(rf"^{name}: (.+)$", front, re.MULTILINE)
    return found.group(1).strip() if found else ""


def collected(folder: Path, packages: Path) -> list[Text]:
    """Every edition once, the shelf's first; a text that two ids share goes to the id of the shelf, or the first."""
    known = set(shelf.known())
    found: dict[str, Text] = {}
    rows = [*from_folder(folder), *from_scancode(packages), *from_spdx(packages)]
    rows = [row for row in rows if _is_license(row[0])]
    rows.sort(key=lambda row: (row[0] not in known, row[0].endswith("-or-later"), row[1]))
    ids = {shelf.current(id) for id, _, _ in rows}
    for id, header, text in rows:
        named = shelf.current(id) if header else _by_text(shelf.current(id), ids)
        for edition in (text,) if header else (text, *_without_appendix(text), *_with_title(named, text)):
            told = words(edition)
            if len(told) >= 8:
                found.setdefault(digest(told), (named, header, told))
    return sorted(found.values(), key=lambda row: (row[0], row[1], len(row[2]), row[2]))


def _is_license(id: str) -> bool:
    try:
        return bool(license_id(id))
    except LicetError:  # an exception of the SPDX list, by an old id
        return False


def _by_text(id: str, ids: set[str]) -> str:
    """What a full text alone can say: "or later" and "invariants" stand in headers, never in the license itself."""
    plain = re.sub(r"-(?:no-)?(?:invariants|RFN)\b", "", id)
    for name in (plain.replace("-or-later", "-only"), plain):
        if name in ids:
            return name
    return id


def _without_appendix(text: str) -> Iterator[str]:
    """Many copies leave out what a license tells its user to do, and where it begins with why it was written."""
    if cut := re.search(r"\n[^\n\w]*(?:END OF TERMS AND CONDITIONS|APPENDIX: How to apply)", text):
        yield text[: cut.start()]
        if start := re.search(r"\n[^\n\w]*(?:GNU[^\n]*\n[^\w]*)?TERMS AND CONDITIONS", text[: cut.start()]):
            yield text[start.start() : cut.start()]


def _with_title(id: str, text: str) -> Iterator[str]:
    """Short licenses are printed with and without their names above them."""
    sheet = shelf.sheet(id)
    if sheet and len(words(text)) < 450 and words(text)[: len(words(sheet.name))] != words(sheet.name):
        for title in (sheet.name, f"The {sheet.name}", f"The {sheet.name} ({id})"):
            yield f"{title}\n\n{text}"


def write(texts: list[Text], made_from: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    exact: dict[str, list[str]] = {}
    for id, header, told in texts:
        if not header:
            exact.setdefault(id, []).append(digest(told))
    rows = [f"{json.dumps(id)}:{json.dumps(sorted(exact[id]), separators=(',', ':'))}" for id in sorted(exact)]
    body = f'{{"made_from":{json.dumps(made_from)},"texts":{{\n' + ",\n".join(rows) + "\n}}\n"
    (FOLDER / "exact.json").write_text(body, encoding="utf-8")
    with zipfile.ZipFile(FOLDER / "runs.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as kept:
        for name, array in packed(texts).items():
            told = zipfile.ZipInfo(f"{name}.npy")  # a fixed date: the same texts give the same bytes
            told.compress_type = zipfile.ZIP_DEFLATED
            with kept.open(told, "w") as out:
                np.lib.format.write_array(out, array, allow_pickle=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True, help="folder with one <id>.txt a license")
    parser.add_argument("--packages", type=Path, required=True, help="site-packages with the two packages above")
    args = parser.parse_args()
    texts = collected(args.texts, args.packages)
    versions = sorted(p.name.removesuffix(".dist-info") for p in args.packages.glob("*.dist-info"))
    write(texts, ["the texts of the sheets", *(v for v in versions if v.startswith(("scancode", "licenses_spdx")))])
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(
        f"{len(texts)} texts of {len({id for id, _, _ in texts})} licenses, {size / 1024:.0f} KiB, "
        f"{hashlib.sha256((FOLDER / 'runs.npz').read_bytes()).hexdigest()[:12]}"
    )
