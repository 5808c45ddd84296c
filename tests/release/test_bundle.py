"""`licet build`: what may go out goes out with all its papers, nothing else does, and the same input gives the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from licet.cli import main
from licet.errors import LicetError
from licet.release import bundle
from licet.release.bundle import Bundle
from licet.release.bundle_texts import Use
from licet.release.document import read

NOW_S = 1_790_000_000  # 2026-09-21
OPENED_S = 1_830_297_600  # 2028-01-01
EXAMPLE = Path(__file__).with_name("example.toml").read_text()
SECRET = b"def schedule(step): return 0.00042 * step ** -0.5\n"


def text_of(use: Use) -> bytes:
    """A provider that has every text, without any text of a license in this repository."""
    return f"(the text of {use.id})\n".encode()


def tree(root: Path, files: dict[str, bytes], toml: str = EXAMPLE) -> Path:
    (root / "licet.toml").write_text(toml)
    for path, body in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(body)
    return root


def planned(root: Path, now_s: int = NOW_S, trust: tuple[str, ...] = ()) -> Bundle:
    release = read((root / "licet.toml").read_bytes())
    return bundle.plan(root, release, now_s, root / "dist", text_of, trust=trust)


def built(root: Path, now_s: int = NOW_S) -> Path:
    out = root / "dist"
    bundle.write(planned(root, now_s), out, force=True)
    return out


def rules(made: Bundle, level: str = "error") -> list[tuple[str, str]]:
    return [(f.rule, f.path) for f in made.findings if f.level == level]


@pytest.fixture
def sana(tmp_path: Path) -> Path:
    files = {
        "src/a.py": b"print('a')\n",
        "weights/w.safetensors": b"\x08\0\0\0\0\0\0\0{}      ",
        "private/trainer.py": SECRET,
        "README.md": b"# Sana\n\nIt draws.\n",
    }
    return tree(tmp_path, files)


# --- what goes where ------------------------------------------------------------------------------------------------------


def test_each_component_goes_to_its_side(sana: Path) -> None:
    out = built(sana)
    assert (out / "open/src/a.py").read_bytes() == b"print('a')\n"
    assert (out / "open/weights/w.safetensors").exists()
    assert (out / "private/private/trainer.py").read_bytes() == SECRET
    assert not (out / "open/private").exists()
    assert (out / "open/licet.toml").read_text() == EXAMPLE


def test_a_file_that_no_component_covers_stays_in_and_is_told(sana: Path) -> None:
    (sana / "notes.txt").write_text("ideas")
    made = planned(sana)
    assert "notes.txt" in made.private and "notes.txt" not in made.out
    assert rules(made, "warning") == [("no-component", "licet.toml")]
    assert not made.broken


def test_on_its_change_date_a_closed_component_goes_out(tmp_path: Path) -> None:
    toml = EXAMPLE.replace("proprietary = true", 'proprietary = true\nchange_date = 2028-01-01\nchange_license = "MIT"')
    root = tree(tmp_path, {"src/a.py": b"a", "private/t.py": SECRET}, toml)
    before = planned(root, OPENED_S - 1)
    after = planned(root, OPENED_S)
    assert "private/t.py" in before.private and "private/t.py" not in before.out
    assert "private/t.py" in after.out and "LICENSES/MIT.txt" in after.out
    assert b"MIT" in after.out["private/t.py.license"]  # type: ignore[operator]


def test_the_nearest_component_says_where_one_lies_in_another(tmp_path: Path) -> None:
    toml = EXAMPLE.replace('path = "private/"', 'path = "src/core/"')
    made = planned(tree(tmp_path, {"src/a.py": b"a", "src/core/t.py": SECRET}, toml))
    assert "src/a.py" in made.out and "src/core/t.py" in made.private


# --- nothing of a closed component goes out -----------------------------------------------------------------------------------


def zipped(name: str, body: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return held.getvalue()


def tarred(name: str, body: bytes, mode: str = "w:gz") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))
    return held.getvalue()


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "a copy": lambda body: body,
    "a copy with other white space": lambda body: body.replace(b"\n", b"\r\n") + b"\n\n",
    "a zip": lambda body: zipped("x/y.py", body),
    "a zip behind something else": lambda body: b"#!/bin/sh\nexit\n" + zipped("x", body),
    "a tar": lambda body: tarred("x", body, "w"),
    "a tar.gz": lambda body: tarred("x", body),
    "a tar.xz": lambda body: tarred("x", body, "w:xz"),
    "a gz": lambda body: gzip.compress(body, mtime=0),
    "a tar behind the end of a tar": lambda body: tarred("x", b"harmless", "w") + tarred("y", body, "w"),
    "a zip in a tar in a zip": lambda body: zipped("a", tarred("b", zipped("c", body))),
}


@pytest.mark.parametrize("how", WRAPPED)
def test_what_stays_in_does_not_leak(sana: Path, how: str) -> None:
    (sana / "src/part.bin").write_bytes(WRAPPED[how](SECRET))
    made = planned(sana)
    assert rules(made) == [("leak", "src/part.bin")]
    assert "src/part.bin" not in made.out
    with pytest.raises(LicetError, match="with errors is not written"):
        bundle.write(made, sana / "dist")
    assert not (sana / "dist").exists()


def test_a_member_of_a_closed_archive_is_as_closed_as_the_archive(sana: Path) -> None:
    (sana / "private/all.zip").write_bytes(zipped("core.py", b"the core of it\n"))
    (sana / "src/core.py").write_bytes(b"the core of it\n")
    assert rules(planned(sana)) == [("leak", "src/core.py")]


@pytest.mark.parametrize("target", ["../private/trainer.py", "../private", "../../outside", "/etc/hostname", "nothing"])
def test_a_link_takes_nothing_along(sana: Path, target: str) -> None:
    (sana.parent / "outside").write_bytes(b"not of this release")
    (sana / "src/link").symlink_to(target)
    made = planned(sana)
    assert "src/link" not in made.out
    assert ("link-out" in dict(rules(made))) == (target in ("../private/trainer.py", "../../outside", "/etc/hostname"))


def test_a_link_to_what_goes_out_becomes_a_copy(sana: Path) -> None:
    (sana / "src/again.py").symlink_to("a.py")
    out = built(sana)
    assert not (out / "open/src/again.py").is_symlink()
    assert (out / "open/src/again.py").read_bytes() == b"print('a')\n"


def test_a_hard_link_is_a_copy(sana: Path) -> None:
    os.link(sana / "private/trainer.py", sana / "src/trainer.py")
    assert rules(planned(sana)) == [("leak", "src/trainer.py")]


def test_a_link_among_what_stays_in_closes_what_it_leads_to_outside_only(sana: Path) -> None:
    (sana.parent / "elsewhere.py").write_bytes(b"kept elsewhere\n")
    (sana / "private/far.py").symlink_to(sana.parent / "elsewhere.py")
    (sana / "private/near.py").symlink_to(sana / "src/a.py")
    (sana / "src/far.py").write_bytes(b"kept elsewhere\n")
    assert rules(planned(sana)) == [("leak", "src/far.py")]


def test_an_archive_that_nobody_can_look_into_stops_until_somebody_vouches(sana: Path) -> None:
    (sana / "src/data.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd" + b"x" * 40)
    assert rules(planned(sana)) == [("archive-shut", "src/data.jsonl.zst")]
    assert not planned(sana, trust=("src/*.zst",)).broken


def test_an_archive_that_unpacks_without_end_is_not_unpacked(sana: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licet.release.bundle_archive._LEAST_BUDGET", 1 << 16)
    (sana / "src/bomb.gz").write_bytes(gzip.compress(bytes(1 << 22), mtime=0))
    assert rules(planned(sana)) == [("archive-shut", "src/bomb.gz")]


def test_a_large_member_is_known_by_its_content_though_it_is_not_kept(
    sana: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("licet.release.bundle_archive._LOOKED_AT", 1 << 20)
    large = b"\x00weights" * (3 << 18)  # 6 MiB, read in several pieces
    (sana / "private/w.bin").write_bytes(large)
    (sana / "src/w.zip").write_bytes(zipped("w.bin", large))
    (sana / "src/deep.zip").write_bytes(zipped("w.tar", tarred("w.bin", large, "w")))
    assert rules(planned(sana)) == [("leak", "src/deep.zip"), ("leak", "src/w.zip")]


CLOSED = (
    b"# Copyright: all of us, and every one of these lines is in each file\n"
    b"def warm_up(optimizer, steps):\n    for group in optimizer.param_groups:\n        group['lr'] *= steps ** -0.5\n"
    b"def cool_down(optimizer, factor):\n    for group in optimizer.param_groups:\n        group['lr'] *= factor\n"
)


def test_a_closed_file_that_is_pasted_into_another_does_not_leak(sana: Path) -> None:
    (sana / "private/warm.py").write_bytes(CLOSED)
    indented = b"".join(b"    " + line + b"\r\n" for line in CLOSED.splitlines())
    (sana / "src/all.py").write_bytes(b"import os\nclass A:\n" + indented + b"print('a')\n")
    assert rules(planned(sana)) == [("leak", "src/all.py")]


def test_what_only_shares_a_header_and_some_lines_is_another_file(sana: Path) -> None:
    (sana / "private/warm.py").write_bytes(CLOSED)
    (sana / "private/__init__.py").write_bytes(CLOSED.splitlines()[0])
    (sana / "src/half.py").write_bytes(b"\n".join(CLOSED.splitlines()[:5]))
    assert not planned(sana).broken


def test_licets_own_data_is_not_entered(sana: Path) -> None:
    for folder in (".licet", "state"):
        (sana / folder).mkdir()
        (sana / folder / "portal.sqlite3").write_bytes(b"rows")
        (sana / folder / "key").write_bytes(b"secret")
    made = planned(sana)
    assert not [p for p in (*made.out, *made.private) if p.startswith((".licet", "state"))]


def test_empty_files_are_nobodys_secret(sana: Path) -> None:
    for path in ("src/__init__.py", "private/__init__.py"):
        (sana / path).write_bytes(b"\n")
    assert not planned(sana).broken


def test_the_path_of_a_closed_component_misspelt_inside_an_open_one_is_an_error(tmp_path: Path) -> None:
    toml = EXAMPLE.replace('path = "private/"', 'path = "src/privat/"')
    made = planned(tree(tmp_path, {"src/a.py": b"a", "src/private/t.py": SECRET}, toml))
    assert ("path", "licet.toml") in rules(made)


def test_a_component_that_lies_behind_a_link_is_an_error(sana: Path) -> None:
    (sana / "weights").rename(sana / "elsewhere")
    (sana / "weights").symlink_to("elsewhere")
    assert ("path", "licet.toml") in rules(planned(sana))


def test_a_file_that_changes_while_it_is_copied_stops_the_writing(sana: Path) -> None:
    made = planned(sana)
    (sana / "src/a.py").write_bytes(SECRET)
    with pytest.raises(LicetError, match="changed while"):
        bundle.write(made, sana / "dist")
    assert list((sana / "dist").iterdir()) == []


def test_a_link_put_in_a_files_place_is_not_followed(sana: Path) -> None:
    made = planned(sana)
    (sana / "src/a.py").unlink()
    (sana / "src/a.py").symlink_to("../private/trainer.py")
    with pytest.raises(LicetError, match="cannot copy"):
        bundle.write(made, sana / "dist")


def test_what_upstream_does_not_let_be_handed_on_is_not_built(tmp_path: Path) -> None:
    toml = EXAMPLE.replace("LicenseRef-scancode-gemma-tou-2024-04-01", "CC-BY-ND-4.0")
    made = planned(tree(tmp_path, {"src/a.py": b"a", "weights/w": b"w", "private/t": SECRET}, toml))
    assert rules(made) == [("upstream-forbids", "licet.toml")]


NAMES = st.sampled_from(
    [
        "a",
        "b.py",
        "é",
        "e\u0301",
        "x\ny",
        "a b",
        "'",
        "-rf",
        "\\",
        "LICENSE",
        "NOTICE",
        "README.md",
        "x.license",
        "src",
        "dist",
    ]
) | st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=6).filter(
    lambda n: n not in (".", "..")
)
PLACES = st.tuples(st.sampled_from(["src", "weights", "private", "private/deep", "src/deep", ""]), NAMES)
BODIES = st.sampled_from([b"alpha", b"beta, the second", b"gamma" * 40, SECRET, b"", b" \n"])
KINDS = st.sampled_from(["file", "link", "hard link", *list(WRAPPED)[1:]])


@given(st.lists(st.tuples(PLACES, BODIES, KINDS, PLACES), max_size=8), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([(("src", "a"), SECRET, "a zip", ("", "a")), (("private", "a"), SECRET, "file", ("", "a"))], True)
@example([(("private", "a"), SECRET, "file", ("", "a")), (("src", "b"), b"", "hard link", ("private", "a"))], True)
@example(
    [(("private", "LICENSE"), b"alpha", "file", ("", "a")), (("src", "LICENSE"), b"alpha", "file", ("", "a"))], True
)
def test_no_proprietary_byte_goes_out_of_any_tree(
    tmp_path: Path, asked: list[tuple[tuple[str, str], bytes, str, tuple[str, str]]], nested: bool
) -> None:
    root = tmp_path / "release"
    shutil.rmtree(root, ignore_errors=True)
    toml = EXAMPLE.replace('path = "private/"', 'path = "src/deep/"') if nested else EXAMPLE
    closed = root / ("src/deep" if nested else "private")
    for folder in ("src/deep", "weights", "private/deep"):
        (root / folder).mkdir(parents=True)
    (root / "licet.toml").write_text(toml)
    for (folder, name), body, kind, (other, target) in asked:
        place, to = root / folder / name, root / other / target
        try:
            if kind == "link":
                place.symlink_to(to)
            elif kind == "hard link":
                os.link(to, place)
            else:
                place.write_bytes(body if kind == "file" else WRAPPED[kind](body))
        except OSError:
            continue  # the place is taken, or there is nothing to link to
    secrets = {p.read_bytes() for p in closed.rglob("*") if p.is_file() and not p.is_symlink()}
    packed = [(body, kind) for _, body, kind, _ in asked if kind in WRAPPED]
    secrets |= {body for body, kind in packed if WRAPPED[kind](body) in secrets}
    secrets = {s for s in secrets if s.strip()}
    made = planned(root)
    if made.broken:  # the rest can be looked at all the same
        made = Bundle(made.folder, made.out, made.private, ())
    out = tmp_path / "out"
    shutil.rmtree(out, ignore_errors=True)
    bundle.write(made, out)
    for path in (out / "open").rglob("*"):
        assert not path.is_symlink()
        if path.is_file():
            body = path.read_bytes()
            inside = {wrap(s) for s in secrets for wrap in WRAPPED.values()}
            assert body not in secrets | inside, path
            assert not any(s in body for s in secrets if len(s) > 40), path


# --- papers ---------------------------------------------------------------------------------------------------------------


def test_every_file_that_goes_out_says_its_license(sana: Path) -> None:
    whole = "# {}FileCopyrightText: Somebody\n# {}License-Identifier: MIT\n".replace("{}", "SPDX-")
    (sana / "src/own.py").write_text(whole + "x = 1\n")
    (sana / "src/half.py").write_text(whole.splitlines()[1] + "\nx = 2\n")
    out = built(sana) / "open"
    assert not (out / "src/own.py.license").exists()
    assert "Identifier: MIT" in (out / "src/half.py.license").read_text()
    assert "Identifier: Apache-2.0" in (out / "src/a.py.license").read_text()
    assert "the authors of gemma-2-2b-it" in (out / "weights/w.safetensors.license").read_text()
    for id in ("MIT", "Apache-2.0", "CC-BY-NC-4.0", "LicenseRef-scancode-gemma-tou-2024-04-01"):
        assert (out / f"LICENSES/{id}.txt").exists(), id


def test_a_text_in_the_release_goes_before_the_providers(sana: Path) -> None:
    (sana / "LICENSES").mkdir()
    (sana / "LICENSES/Apache-2.0.txt").write_text("our copy of it")
    out = built(sana) / "open"
    assert (out / "LICENSES/Apache-2.0.txt").read_text() == "our copy of it"
    assert (out / "src/LICENSE").read_text() == "our copy of it"
    assert "weights (weights/) is under CC-BY-NC-4.0" in (out / "LICENSE").read_text()


def test_a_text_that_is_nowhere_is_told_with_where_to_get_it(sana: Path) -> None:
    release = read(EXAMPLE.encode())
    made = bundle.plan(sana, release, NOW_S, sana / "dist", lambda use: None)
    told = [f for f in made.findings if f.rule == "no-text"]
    assert [f.line for f in told] == [14, 21, 27] or len(told) == 3
    assert "spdx.org/licenses/Apache-2.0.html" in told[0].mend + told[1].mend
    assert not made.broken
    assert "src/LICENSE" not in made.out and b"spdx.org/licenses/Apache-2.0.html" in made.out["LICENSE"]  # type: ignore[operator]


def test_a_readme_keeps_its_words_and_gets_one_section_however_often_it_is_built(sana: Path) -> None:
    front = "---\nlicense: apache-2.0\ntags:\n- image\nlanguage: en\n---\n# Sana\n\nIt draws.\n"
    (sana / "README.md").write_text(front)
    first = (built(sana) / "open/README.md").read_text()
    assert first.startswith("---\nlicense: cc-by-nc-4.0\n")
    assert "apache-2.0\ntags" not in first and "tags:\n- image\nlanguage: en\n---\n# Sana\n\nIt draws." in first
    (sana / "README.md").write_text(first)
    assert (built(sana) / "open/README.md").read_text() == first


def test_contributions_come_in_as_the_file_says(sana: Path) -> None:
    told = (built(sana) / "open/CONTRIBUTING.md").read_text()
    assert "`git commit -s`" in told and "Contributions to `code` come in under Apache-2.0" in told


def test_the_notice_tells_what_is_owed_and_keeps_the_releases_own(sana: Path) -> None:
    (sana / "NOTICE").write_text("Portions by Somebody Else.\n")
    told = (built(sana) / "open/NOTICE").read_text()
    assert told.startswith("Portions by Somebody Else.\n")
    assert "Made from gemma-2-2b-it" in told and "(Apache-2.0 §4(a))" in told
    assert "trainer" not in told


def test_the_checksums_hold_for_every_file(sana: Path) -> None:
    (sana / "src/a\nb.txt").write_text("odd")
    out = built(sana) / "open"
    rows = (out / "SHA256SUMS").read_bytes().splitlines()
    files = [p for p in out.rglob("*") if p.is_file() and p.name != "SHA256SUMS"]
    assert len(rows) == len(files)
    for row in rows:
        digest, _, name = row.lstrip(b"\\").partition(b"  ")
        path = name.replace(b"\\n", b"\n") if row.startswith(b"\\") else name
        assert hashlib.sha256((out / os.fsdecode(path)).read_bytes()).hexdigest().encode() == digest


def test_the_same_release_gives_the_same_bytes(sana: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    def state(out: Path) -> list[tuple[str, bytes, int, int]]:
        return [
            (str(p.relative_to(out)), p.read_bytes() if p.is_file() else b"", p.stat().st_mode, int(p.stat().st_mtime))
            for p in sorted(out.rglob("*"))
        ]

    first = state(built(sana))
    other = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(sana, other / "b", ignore=shutil.ignore_patterns("dist"))
    os.utime(other / "b/src/a.py", (1, 1))
    assert state(built(other / "b", NOW_S + 3600)) == first
    assert {at for _, _, _, at in first} == {315_532_800}


def test_a_bundle_that_is_built_again_is_the_same_bundle(sana: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = built(sana) / "open"
    again = tmp_path_factory.mktemp("again")
    shutil.copytree(first, again / "release")
    second = built(again / "release") / "open"
    files = {p.relative_to(first) for p in first.rglob("*") if p.is_file()}
    assert {p.relative_to(second) for p in second.rglob("*") if p.is_file()} == files
    assert [f for f in sorted(files) if (first / f).read_bytes() != (second / f).read_bytes()] == []


def test_names_that_are_no_utf_8_go_out_as_they_are(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (sana / "src" / name).write_bytes(b"odd name\n")
    (sana / "README.md").write_bytes(b"# Caf\xe9\n")
    assert main(["build", str(sana), "--out", str(sana / "dist"), "--json"]) == 0
    assert f"src/{name}" in json.loads(capsys.readouterr().out)["open"]
    assert (sana / "dist/open/src" / name).read_bytes() == b"odd name\n"
    assert b"# Caf\xe9\n" in (sana / "dist/open/README.md").read_bytes()


@pytest.mark.parametrize("path", ["NOTICE/a.txt", "src/a.py.license/b.txt", "LICENSES"])
def test_a_paper_that_has_no_place_is_told(tmp_path: Path, path: str) -> None:
    toml = EXAMPLE.replace('path = "src/"', 'path = "."')
    root = tree(tmp_path, {path: b"x", "src/a.py": b"a"}, toml)
    assert "name-taken" in dict(rules(planned(root)))


# --- the command ----------------------------------------------------------------------------------------------------------


def test_the_command_writes_and_does_not_overwrite(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = sana / "dist"
    words = ["build", str(sana), "--out", str(out), "--at", "2026-09-21"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert "trainer  stays in" in said.out and "Model Openness Framework" in said.out
    assert main(words) == 1
    assert "not empty" in capsys.readouterr().err
    (out / "mine.txt").write_text("mine")
    assert main([*words, "--force"]) == 0
    assert (out / "mine.txt").exists()
    assert main(["build", str(sana), "--out", str(sana), "--force"]) == 1
    assert (sana / "private/trainer.py").exists()


def test_all_findings_are_told_at_once_and_nothing_is_written(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (sana / "src/one.py").write_bytes(SECRET)
    (sana / "src/two.zip").write_bytes(zipped("x", SECRET))
    assert main(["build", str(sana), "--out", str(sana / "dist"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [f["path"] for f in told["findings"] if f["level"] == "error"] == ["src/one.py", "src/two.zip"]
    assert told["written"] is False and not (sana / "dist").exists()


def test_the_environment_can_say_the_day(sana: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(OPENED_S))
    assert main(["build", str(sana), "--out", str(sana / "dist")]) == 0
    assert "Identifier: Apache-2.0" in (sana / "dist/open/weights/w.safetensors.license").read_text()


def test_a_milder_level_can_fail_and_an_archive_can_be_vouched_for(
    sana: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sana / "notes.txt").write_text("ideas")
    words = ["build", str(sana), "--out", str(sana / "dist"), "--at", "2026-09-21"]
    assert main([*words, "--level", "warning"]) == 1
    assert "no component covers `notes.txt`" in capsys.readouterr().err
    (sana / "src/data.zst").write_bytes(b"\x28\xb5\x2f\xfd" + b"x" * 40)
    assert main(words) == 1
    assert "--trust 'src/data.zst'" in capsys.readouterr().err
    assert main([*words, "--trust", "src/data.zst"]) == 0
    assert (sana / "dist/open/src/data.zst").exists()
