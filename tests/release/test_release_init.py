"""`licet init`: whatever is answered, the file reads clean, or nothing is written."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from licet.cli import main
from licet.cli.init import ask
from licet.errors import LicetError
from licet.release.document import read
from licet.release.init import KINDS, TIERS, Part, draft, shaped
from licet.release.release import Release

LICENSES = ["", "MIT", "cc-by-nc-4.0", "MIT OR Apache-2.0", "LicenseRef-Example-1.0", "gpl-3.0"]
NAMES = st.sampled_from(["", "code", "src", "weights", "weights/", "Trainer 2", "..", "été", "x" * 200]) | st.text(
    max_size=20
)
PARTS = st.builds(Part, st.sampled_from(KINDS), st.sampled_from(LICENSES), NAMES)
CALLS = st.sampled_from(
    ["a:b", "a.b:C", "m:use", "m:download", "m:download_2", "m:_", "m:__", "m:Sell", "n:b", f"m:{'f' * 200}"]
)
PRICES = st.sampled_from(["9.00 EUR / month", "0.5 USD / year", "1 JPY once"])


def clean(text: str) -> Release:
    release = read(text.encode())
    assert release.warnings == ()
    assert release.unserved == ()
    return release


@given(
    name=st.text(max_size=100),
    licensor=st.text(min_size=1, max_size=400).filter(lambda t: any(c.isalpha() for c in t)),
    parts=st.lists(PARTS, min_size=1, max_size=6),
    version=st.text(max_size=80),
    contact=st.text(max_size=400),
    why=st.text(max_size=3000),
    calls=st.lists(CALLS, max_size=4),
    tiers=st.lists(st.sampled_from(TIERS), min_size=1, max_size=4),
    price=PRICES,
    anonymous=st.booleans(),
)
@example(
    "",
    'A "quoted" \\ name\n',
    [Part("code", "MIT"), Part("weights", "MIT", "src")],
    "",
    "\x7f",
    "",
    [],
    ["free"],
    "1 EUR once",
    True,
)
def test_any_answers_make_a_file_without_a_finding(
    name: str,
    licensor: str,
    parts: list[Part],
    version: str,
    contact: str,
    why: str,
    calls: list[str],
    tiers: list[str],
    price: str,
    anonymous: bool,
) -> None:
    text = draft(
        name,
        licensor,
        parts,
        version=version,
        contact=contact,
        why=why,
        calls=calls,
        tiers=tiers,
        price=price,
        anonymous=anonymous,
    )
    release = clean(text)
    assert [bool(c.license) for c in release.components] == [bool(p.license) for p in parts]
    assert len(release.features) == len(set(calls))
    assert len(release.tiers) == (len(set(tiers)) if calls else 0)
    assert (release.anonymous is not None) == (anonymous and bool(calls))


def test_the_example_in_the_comment_reads_clean_once_the_hashes_are_gone() -> None:
    text = draft("sana", "Lab", [Part("code", "MIT")])
    before, _, example = text.partition("# Nothing is served yet.")
    rows = example.split("\n")[1:]
    release = clean(before + "\n".join(re.sub(r"^# ?", "", row) for row in rows))
    assert [t.name for t in release.tiers] == list(TIERS)


def test_the_comments_about_the_release_are_rows_that_read_too() -> None:
    text = draft("sana", "Lab", [Part("weights", "MIT")])
    text = text.replace('# why = """\n# Why', 'why = """\nWhy').replace('page.\n# """', 'page.\n"""')
    for row in ('contact = "..."', 'declare = ["commercial"]', "accept = true", "change_date", "change_license"):
        assert f"# {row}" in text
        text = text.replace(f"# {row}", row)
    release = clean(text)
    assert release.declare == ("commercial",) and release.components[0].accept and release.components[0].change_s


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"parts": []}, "at least one component"),
        ({"parts": [Part("code", "Apache")]}, "did you mean `Apache-2.0`?"),
        ({"licensor": " \t"}, "nobody gives the licenses"),
        ({"calls": ["nonsense"]}, "write it like `package.module:function`"),
        ({"calls": ["a:b"], "tiers": []}, "nobody may call what is served"),
        ({"tiers": ["gold"]}, "known: `free`"),
        ({"price": "9,00 EUR"}, "write it like `9.00 EUR / month`"),
        ({"why": "because sk_live_" + "0123456789abcdef"}, "looks like a secret"),
        ({"name": "hf-x", "parts": [Part("code", "", "AKIA" + "IOSFODNN7EXAMPLE")]}, ""),
    ],
)
def test_an_answer_without_a_place_is_refused_with_its_mend(answers: dict[str, object], words: str) -> None:
    given_ = {"name": "sana", "licensor": "Lab", "parts": [Part("code", "MIT")]} | answers
    if words:
        with pytest.raises(LicetError) as refused:
            draft(**given_)  # type: ignore[arg-type]
        assert words in str(refused.value)
    else:  # in lower case it is no key any more
        clean(draft(**given_))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("My Model!", "my-model"),
        ("sana", "sana"),
        ("", "release"),
        ("X", "release-x"),
        ("é", "release"),
        ("a" * 99, "a" * 64),
    ],
)
def test_a_name_is_brought_into_shape(name: str, shape: str) -> None:
    assert shaped(name) == shape


# --- the command ----------------------------------------------------------------------------------------------------------

FLAGS = ["--licensor", "Example Lab", "--code", "MIT", "--weights", "CC-BY-NC-4.0"]


def test_flags_write_a_file_and_say_what_is_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my model"
    assert main(["init", str(folder), *FLAGS, "--closed", "trainer"]) == 0
    release = clean((folder / "licet.toml").read_text())
    assert (release.name, [c.name for c in release.components]) == ("my-model", ["code", "weights", "trainer"])
    said = capsys.readouterr().out
    assert "3 components, 1 feature, 3 tiers" in said
    assert f"licet serve '{folder}'" in said


def test_an_existing_file_stays_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "licet.toml"
    file.write_text("mine")
    assert main(["init", str(tmp_path), *FLAGS]) == 1
    assert "overwrite it with --force" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert main(["init", str(tmp_path), *FLAGS, "--force"]) == 0
    assert clean(file.read_text())


def test_nothing_is_written_where_something_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path), "--licensor", "Lab"]) == 2
    assert "which license" in capsys.readouterr().err
    assert main(["init", str(tmp_path), "--licensor", "Lab", "--code", "no such"]) == 1
    assert list(tmp_path.iterdir()) == []


def answers(*lines: str) -> Iterator[str]:
    yield from lines


def test_questions_are_asked_again_until_the_answer_has_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = answers(
        *("", "", "Example Lab", ""),  # the name by default; no licensor is no answer; no contact
        *("Apache", "apache-2.0", "", "", "", "", ""),  # a license that nobody knows, then one; nothing else
        *("no call", "a.b:c", "9,00", "", "y"),
    )
    args = argparse.Namespace(
        dir=tmp_path / "sana", name=None, code=None, weights=None, data=None, docs=None, adapter=None, closed=[]
    )
    ask(args, lambda question: next(said))
    assert list(said) == []
    assert (args.name, args.licensor, args.code, args.feature) == ("sana", "Example Lab", "apache-2.0", ["a.b:c"])
    assert (args.price, args.anonymous) == ("9.00 EUR / month", True)
    assert "did you mean `Apache-2.0`?" in capsys.readouterr().out


def test_the_end_of_input_writes_nothing(tmp_path: Path) -> None:
    def ended(question: str) -> str:
        raise EOFError

    with pytest.raises(LicetError, match="nothing was written"):
        ask(argparse.Namespace(dir=tmp_path, name=None), ended)


def test_the_schema_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert main(["schema", "--out", str(tmp_path / "s.json")]) == 0
    assert (tmp_path / "s.json").read_text() == printed
    assert main(["schema", "--out", str(tmp_path / "no" / "s.json")]) == 1
