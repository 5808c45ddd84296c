"""What is stricter is never called a patch; the notice says who keeps the old terms."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.cli import main
from licet.release.bump import bump, owned_up
from licet.release.diff import changes, text_changes
from licet.release.document import read
from licet.release.notice import first_day_s, notice
from licet.release.release import Release

EXAMPLE = Path(__file__).with_name("example.toml").read_text()
DAY_S = 86_400
FROM_S = 1_801_353_600  # 2027-01-31


def changed(*swaps: tuple[str, str], version: str = "1.2.1") -> Release:
    text = EXAMPLE.replace('version = "1.2.0"', f'version = "{version}"')
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new, 1)
    return read(text.encode())


OLD = read(EXAMPLE.encode())
STRICTER = ('"1000 calls / month"', '"500 calls / month"')
LOOSER = ('"1000 calls / month"', '"2000 calls / month"')
CLOSED = ('license = "Apache-2.0"', 'license = "CC-BY-NC-4.0"')


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("1.2.0", "2.0.0", "major"),
        ("1.2.0", "1.3.0", "minor"),
        ("1.2.0", "1.2.1", "patch"),
        ("1.2.0", "1.2.0", "none"),
        ("1.2.0", "1.1.9", "back"),
        ("1.2.0-rc.1", "1.2.0", "patch"),
        ("1.2.0", "1.2.0-rc.1", "back"),
        ("v1.2.0", "1.2.0+build.7", "none"),
        ("0.9.9", "0.10.0", "minor"),
        ("2024-11", "2024-12", ""),
        ("1.02.0", "1.3.0", ""),
    ],
)
def test_a_bump_is_the_first_number_that_went_up(old: str, new: str, part: str) -> None:
    assert bump(old, new) == part


NUMBERS = st.tuples(*[st.integers(0, 12)] * 3)


@given(NUMBERS, NUMBERS)
def test_up_one_way_is_back_the_other(old: tuple[int, int, int], new: tuple[int, int, int]) -> None:
    there, back = (bump(".".join(map(str, a)), ".".join(map(str, b))) for a, b in ((old, new), (new, old)))
    assert (there == back == "none") if old == new else ((there == "back") != (back == "back"))


@pytest.mark.parametrize(
    ("swap", "version", "rules"),
    [
        (STRICTER, "1.2.1", ["stricter-patch"]),
        (STRICTER, "1.2.0", ["stricter-patch"]),
        (STRICTER, "1.3.0", []),
        (STRICTER, "2.0.0", []),
        (STRICTER, "2026-12", ["version-unclear"]),
        (LOOSER, "1.2.1", []),
        (CLOSED, "1.2.1", ["stricter-patch"]),
    ],
)
def test_a_stricter_change_is_never_a_patch(swap: tuple[str, str], version: str, rules: list[str]) -> None:
    new = changed(swap, version=version)
    found = owned_up(OLD, new, changes(OLD, new))
    assert [f.rule for f in found] == rules
    if rules == ["stricter-patch"]:
        assert found[0].level == "error" and found[0].mend == "call it 2.0.0, or later"


def test_another_text_under_the_same_name_is_a_change() -> None:
    (found,) = text_changes(OLD, OLD, {"Apache-2.0": "a", "MIT": "m"}, {"Apache-2.0": "b", "CC-BY-NC-4.0": "c"})
    assert (found.way, found.subject) == ("other", "license Apache-2.0")
    assert "free" in found.tiers


# --- the notice -----------------------------------------------------------------------------------------------------------


def test_the_notice_says_what_why_when_and_who_keeps_the_old_terms() -> None:
    new = changed(CLOSED, STRICTER, version="2.0.0")
    told = notice(OLD, new, changes(OLD, new), FROM_S)
    assert told.startswith("# sana: the terms change on 2027-01-31\n")
    assert "component `code` is under CC-BY-NC-4.0, no longer under Apache-2.0." in told
    assert (
        "tier `free` has the quota 500 calls / month, not 1000 calls / month. It touches whoever holds `free`." in told
    )
    assert "We keep the weights non-commercial for now." in told
    assert "30 days of notice" in told
    assert "up to 1.2.0 under Apache-2.0 keeps it under Apache-2.0: that license cannot be taken back" in told
    assert "(Apache-2.0 §2,3)" in told
    assert "startup" in told and "yes, now no" in told


def test_where_the_old_license_says_otherwise_the_notice_does_not_promise() -> None:
    at_will = "LicenseRef-scancode-nvidia-open-model-2025-04-28"
    old = changed(('license = "Apache-2.0"', f'license = "{at_will}"'), version="1.2.0")
    told = notice(old, changed(version="2.0.0"), changes(old, changed(version="2.0.0")), FROM_S)
    from licet.licenses.shelf import sheet

    known = sheet(at_will)
    assert known is not None
    speaks = known["unilateral_change_of_terms"].value == "present" or known["revocability"].value in (
        "revocable",
        "at-will",
    )
    assert speaks, "another license must stand here"
    assert "says otherwise" in told and "keeps it under" not in told


def test_a_change_that_takes_from_nobody_says_so() -> None:
    new = changed(LOOSER)
    assert "nobody loses by this change" in notice(OLD, new, changes(OLD, new), FROM_S)
    assert "Nothing in the terms changes." in notice(OLD, OLD, (), FROM_S)


@given(st.integers(0, 2_000_000_000))
def test_stricter_terms_begin_no_earlier_than_promised(now_s: int) -> None:
    first = first_day_s(OLD, now_s)
    assert first % DAY_S == 0 and 0 <= first - now_s - 30 * DAY_S < DAY_S


# --- the command ----------------------------------------------------------------------------------------------------------


def write(folder: Path, *swaps: tuple[str, str], version: str = "1.2.0") -> Path:
    folder.mkdir(exist_ok=True)
    text = EXAMPLE.replace('version = "1.2.0"', f'version = "{version}"')
    for old, new in swaps:
        text = text.replace(old, new, 1)
    (folder / "licet.toml").write_text(text)
    return folder


def test_two_folders_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = write(tmp_path / "old"), write(tmp_path / "new", STRICTER, version="1.2.1")
    assert main(["diff", str(old), str(new)]) == 1
    said = capsys.readouterr()
    assert "Stricter" in said.out and "500 calls / month" in said.out
    assert "call it 2.0.0" in said.err
    assert main(["diff", str(old), str(old)]) == 0
    assert "Nothing in the terms changed." in capsys.readouterr().out
    assert main(["diff", str(old / "licet.toml"), str(new / "licet.toml"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(c["way"], c["tiers"], c["loses"]) for c in told["changes"]] == [("stricter", ["free"], True)]
    assert told["findings"][0]["rule"] == "stricter-patch" and told["notice"].startswith("# sana")


def test_a_changed_license_text_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = write(tmp_path / "old"), write(tmp_path / "new", version="1.2.1")
    for folder, text in ((old, "one text"), (new, "another text")):
        (folder / "LICENSES").mkdir()
        (folder / "LICENSES/CC-BY-NC-4.0.txt").write_text(text)
    assert main(["diff", str(old), str(new)]) == 0
    assert "license CC-BY-NC-4.0 has another text under the same name" in capsys.readouterr().out


def test_git_revisions_are_compared_from_any_folder_of_the_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(("git", *who, *words), cwd=tmp_path, check=True, capture_output=True)

    folder = write(tmp_path / "sub")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("tag", "v1")
    write(folder, STRICTER, version="2.0.0")
    (folder / "deep").mkdir()
    monkeypatch.chdir(folder / "deep")
    assert main(["diff", "v1"]) == 0
    assert "500 calls / month, not 1000" in capsys.readouterr().out
    git("commit", "-q", "-am", "two")
    assert main(["diff", "HEAD~1", "HEAD", "--notice", "--from", "2027-01-31"]) == 0
    assert "change on 2027-01-31" in capsys.readouterr().out
    for nothing in ("nope", "--upload-pack=x"):
        assert main(["diff", "--", nothing, "HEAD"]) == 2
        assert "no git revision here" in capsys.readouterr().err
