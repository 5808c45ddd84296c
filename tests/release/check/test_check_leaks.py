"""Is what is kept found wherever it went: behind a link, as a copy, in an archive, in an archive in an archive?"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.release.check.test_check_fixtures import SECRET_SAUCE, open_core
from tests.release.check.trees import found, grow, rules

from licet.release.check.leaks import leaks
from licet.release.check.walk import walk

SAUCE = SECRET_SAUCE.encode()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, body in members.items():
            told = tarfile.TarInfo(name)
            told.size = len(body)
            archive.addfile(told, io.BytesIO(body))
    return out.getvalue()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("src/copy.py", SECRET_SAUCE),
        ("src/link.py", "-> ../private/trainer.py"),
        ("src/all", "-> ../private"),
        ("src/old.zip", zipped({"x/renamed.txt": SAUCE})),
        ("src/old.whl", zipped({"core/private/trainer.py": b"an older version"})),
        ("src/old.tar.gz", tarred({"backup.py": SAUCE})),
        ("src/old.tar.xz", tarred({"backup.py": SAUCE}, "w:xz")),
        ("src/trainer.py.gz", gzip.compress(SAUCE, mtime=0)),
        ("src/deep.zip", zipped({"inner.tar.gz": tarred({"a.py": SAUCE})})),
        # What an archive is called says nothing: checkpoints and documents are archives too.
        ("src/old.docx", zipped({"word/embedded.bin": SAUCE})),
        ("src/model.pt", zipped({"archive/code.py": SAUCE})),
        ("src/nameless", tarred({"backup.py": SAUCE})),
        ("src/plain.dat", tarred({"backup.py": SAUCE}, "w")),
        ("src/trainer.bz2", bz2.compress(SAUCE)),
        ("src/trainer.xz", lzma.compress(SAUCE)),
        ("src/app.pyz", b"#!/usr/bin/env python3\n" + zipped({"__main__.py": SAUCE})),
        ("src/outer.dat", zipped({"inner": zipped({"a": SAUCE})})),
        ("README.md", SECRET_SAUCE),
    ],
)
def test_what_is_kept_is_found_in_what_goes_out(tmp_path: Path, path: str, body: str | bytes) -> None:
    told = found(open_core(tmp_path, {path: body}), "leak")
    assert [(f.path, f.level) for f in told] == [(path, "error")] and "private" in told[0].message


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("src/other.py", SECRET_SAUCE.replace("rows", "cols")),
        ("src/other.zip", zipped({"trainer.py": SAUCE.replace(b"rows", b"cols")})),
        ("src/empty.py", ""),
        ("src/begins.bin", b"BZh is how this line of text begins, and it is no archive" * 9),
        ("private/again.py", SECRET_SAUCE),
        ("private/old.zip", zipped({"private/trainer.py": SAUCE})),
    ],
)
def test_what_only_looks_like_it_is_no_leak(tmp_path: Path, path: str, body: str | bytes) -> None:
    assert {"leak", "unreadable"}.isdisjoint(rules(open_core(tmp_path, {path: body})))


@pytest.mark.parametrize("body", [b"PK\x03\x04 cut", zipped({"a": SAUCE * 9})[:-30], b"", b"7z\xbc\xaf\x27\x1c" * 9])
def test_an_archive_that_cannot_be_opened_is_told(tmp_path: Path, body: bytes) -> None:
    assert [f.path for f in found(open_core(tmp_path, {"src/old.zip": body}), "unreadable")] == ["src/old.zip"]


def test_a_link_out_of_the_release_is_told_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "key.py").write_text("key = 'ghp_" + "a1B2" * 9 + "'\n")
    tree = open_core(tmp_path / "tree", {"src/out": "-> ../../outside", "src/round": "-> round"})
    assert sorted(rules(tree)) == ["link-outside", "link-outside"]


def test_a_proprietary_component_without_files_or_path_is_told(tmp_path: Path) -> None:
    tree = open_core(tmp_path)
    (tree / "private" / "trainer.py").unlink()
    assert [f.level for f in found(tree, "nothing-kept")] == ["note"]
    document = (tree / "licet.toml").read_text().replace('path = "private/"\n', "")
    grow(tree, {"licet.toml": document})
    assert [f.level for f in found(tree, "nothing-kept")] == ["error"]


@pytest.mark.parametrize(("folder", "level"), [("Private", "error"), ("privat", "error"), ("elsewhere", "note")])
def test_a_slip_in_the_path_of_what_is_kept_would_let_it_out(tmp_path: Path, folder: str, level: str) -> None:
    tree = open_core(tmp_path)
    (tree / "private").rename(tree / folder)
    (told,) = found(tree, "nothing-kept")
    assert told.level == level and (level == "note" or f"`{folder}/`" in told.message)


names = st.sampled_from(["a.py", "b/c.txt", "b/d.bin", "e f.md", "ü/x"])
bodies = st.binary(min_size=24, max_size=60)


@settings(max_examples=60)
@given(kept=st.dictionaries(names, bodies, min_size=1), out=st.dictionaries(names, bodies), spread=st.data())
def test_exactly_the_copies_are_told(
    kept: dict[str, bytes], out: dict[str, bytes], spread: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("tree")
    stolen = spread.draw(st.lists(st.sampled_from(sorted(kept)), unique=True))
    grow(root, {f"kept/{path}": body for path, body in kept.items()})
    grow(root, {f"out/{path}": body for path, body in out.items()})
    grow(root, {f"copies/{n}.dat": kept[path] for n, path in enumerate(stolen)})
    grow(root, {f"zips/{n}.zip": zipped({"x": kept[path]}) for n, path in enumerate(stolen)})
    told = {place.path for rule, place in leaks(root, list(walk(root)), lambda path: path.startswith("kept/"))}
    expected = {f"copies/{n}.dat" for n in range(len(stolen))} | {f"zips/{n}.zip" for n in range(len(stolen))}
    expected |= {f"out/{path}" for path, body in out.items() if body in kept.values()}
    assert told == expected
