"""Which license is a text? On texts that come with Python packages, and on words of our own."""

from __future__ import annotations

import json
import random
import re
from importlib.metadata import distributions
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.cli import main
from licet.licenses import shelf
from licet.licenses.fingerprint import BITS, FOLDER, prints
from licet.licenses.highlight import find, find_near, highlight
from licet.licenses.identify import identify
from licet.licenses.identify_words import placed, words


def _installed(name: str, file: str) -> str:
    """A license text that stands in this environment anyway: none is kept in the repository."""
    for found in distributions(name=name):
        for path in found.files or ():
            if path.name == file:
                return Path(str(found.locate_file(path))).read_text(encoding="utf-8")
    pytest.fail(f"{name} is installed by the test group, but has no {file}")


APACHE = _installed("uvloop", "LICENSE-APACHE")
MIT = (Path(__file__).parents[2] / "LICENSE").read_text(encoding="utf-8")
BSD2 = _installed("packaging", "LICENSE.BSD")
MPL = _installed("pathspec", "LICENSE")
TEXTS = {"Apache-2.0": APACHE, "MIT": MIT, "BSD-2-Clause": BSD2, "MPL-2.0": MPL}


@pytest.mark.parametrize("id", TEXTS)
def test_a_license_is_itself(id: str) -> None:
    found = identify(TEXTS[id])
    assert (found.id, found.altered, found.how) == (id, False, "text")
    assert found.score > 0.99
    assert found.closest is not None
    assert (found.closest.id, found.closest.differing_clauses) == (id, ())


@pytest.mark.parametrize("id", TEXTS)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.upper(),
        lambda text: "\n".join(f" * {line}" for line in text.splitlines()),
        lambda text: "\n".join(f"// {line}" for line in text.splitlines()),
        lambda text: re.sub(r"(?<=\S)\n(?=\S)", " ", text),
        lambda text: "Copyright (c) 2031 Zebra Quux\n\n" + text,
        lambda text: re.sub(r"(?m)^Copyright.*$", "Copyright 1999-2031 by the Frobnicators", text),
        lambda text: text.replace('"', "\u201d").replace("'", "\u2019").replace("\n", "\r\n"),
    ],
    ids=["capitals", "comment", "slashes", "other lines", "a holder more", "another holder", "typography"],
)
def test_how_it_is_printed_does_not_matter(id: str, change: object) -> None:
    assert callable(change)
    found = identify(change(TEXTS[id]))
    assert (found.id, found.altered) == (id, False)


@pytest.mark.parametrize("id", TEXTS)
def test_one_word_in_twenty_may_be_lost(id: str) -> None:
    dice = random.Random(id)
    found = identify(re.sub(r"\S+", lambda word: "" if dice.random() < 0.05 else word.group(), TEXTS[id]))
    assert (found.id, found.altered) == (id, False)
    assert 0.8 < found.score < 1


RIDERS = {
    "Commercial use is not permitted.": "commercial_use",
    "You may use this software for academic research only.": "use",
    "The Work may be executed on processors of the Licensor only, and on no other hardware whatever it may be.": "hardware_lock",
    "We may withdraw this grant at any time and for any reason, after which every copy has to be deleted.": "revocability",
    "Companies with more than one million monthly active users need another license, which we may grant or refuse.": (
        "revenue_or_mau_threshold"
    ),
}


@pytest.mark.parametrize("id", TEXTS)
@pytest.mark.parametrize("rider", RIDERS)
def test_a_license_with_something_added_is_never_just_that_license(id: str, rider: str) -> None:
    for text in (f"{TEXTS[id]}\n\n{rider}\n", f"{rider}\n\n{TEXTS[id]}", f"{TEXTS[id]}\n# {rider}"):
        found = identify(text)
        assert (found.id, found.altered) == (None, True)
        assert found.closest is not None
        assert found.closest.id == id
        assert RIDERS[rider] in found.closest.differing_clauses
        assert any(words(text[p.start : p.end])[0] in words(rider) for p in found.added)


def test_an_addition_is_shown_on_its_lines() -> None:
    found = identify(f"{MIT.rstrip()}\n\nUsing it for commercial purposes\nis not allowed.\n")
    line = MIT.rstrip().count("\n") + 3
    assert [(p.first_line, p.last_line) for p in found.added] == [(line, line + 1)]


def test_a_right_that_was_cut_out_is_named() -> None:
    found = identify(MIT.replace(", and/or sell\n", "\n").replace(", and/or sell", ""))
    assert (found.id, found.altered) == (None, True)
    assert found.closest is not None
    assert "sell" in found.closest.differing_clauses


def test_a_clause_turned_around_is_seen() -> None:
    assert identify(MIT.replace("without restriction", "without any commercial restriction")).altered
    assert identify(APACHE.replace("royalty-free", "royalty-bearing")).id is None


@pytest.mark.parametrize(
    ("id", "before", "after", "kind"),
    [
        ("Apache-2.0", "worldwide", "domestic", "user_geography_exclusion"),
        ("Apache-2.0", "perpetual", "temporary", "revocability"),
        ("MIT", "free of charge", "for a fee", "commercial_use"),
        ("MIT", "to any person", "to any student", "use"),
        ("MPL-2.0", "world-wide", "domestic", "user_geography_exclusion"),
    ],
)
def test_one_word_that_cuts_a_grant_down_is_seen(id: str, before: str, after: str, kind: str) -> None:
    changed = TEXTS[id].replace(before, after)
    found = identify(changed)
    assert changed != TEXTS[id] and found.id is None and found.altered
    assert found.closest and found.closest.id == id and kind in found.closest.differing_clauses


def test_short_additions_in_several_places_do_not_hide_each_other() -> None:
    """As in the S-Lab License: BSD-3-Clause for purposes that are not commercial, and a word to those whose are."""
    text = BSD2.replace("Redistribution and use in", "Redistribution and use for non-commercial purpose in")
    text += "\nIn the event that use for commercial purpose is required, please contact us.\n"
    for changed in (text, text.replace("AND CONTRIBUTORS", "AND THEIR CONTRIBUTORS")):
        found = identify(changed)
        assert (found.id, found.altered) == (None, True)
        assert found.closest and "commercial_use" in found.closest.differing_clauses


def test_a_word_put_into_a_sentence_is_not_held_against_the_other_clauses_of_it() -> None:
    found = identify(TEXTS["Apache-2.0"].replace("irrevocable", "revocable"))
    assert found.closest and found.closest.differing_clauses == ("revocability",)


def test_a_part_left_out_is_seen() -> None:
    third = APACHE.index("3. Grant of Patent License")
    found = identify(APACHE[:third] + APACHE[APACHE.index("5. Submission of Contributions") :])
    assert (found.id, found.altered) == (None, True)


def test_two_whole_licenses_in_one_file_are_both_named() -> None:
    assert identify(f"{APACHE}\n\n{MIT}").id == "Apache-2.0 AND MIT"
    assert identify(f"{APACHE}\n\n{MIT}\n\n{next(iter(RIDERS))}").id is None


@pytest.mark.parametrize(
    "text", ["", "\n\n", "---\n", "0", "MIT!" * 5000, "the quick brown fox " * 40, "\x00\ufffd", "許可"]
)
def test_what_is_no_license_is_unknown(text: str) -> None:
    found = identify(text)
    assert (found.id, found.altered) == (None, False)


def test_prose_about_licenses_is_not_a_license() -> None:
    prose = """This essay compares the MIT License and the Apache License, Version 2.0. Permission is a fine word: it is
    granted, withheld, begged for. Redistribution and use in source and binary forms are what most people want, and
    most people may have it, if they keep a notice. Some authors think otherwise, and we asked forty of them why, in
    the spring of a long year, over tea; they spoke of merchantability as of a distant country where all is warranted
    and nobody is ever liable, and of the patents of their employers, which they had never read and never would."""
    assert identify(prose + prose).id is None


def test_a_license_nobody_has_seen_is_unknown_or_an_altered_one() -> None:
    for id, text in TEXTS.items():
        assert identify(text, among=prints().without([id])).id != id


# --- clues -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "id"),
    [
        ("a.py", "# SPDX-License-Identifier: Apache-2.0\nimport os\n", "Apache-2.0"),
        ("a.c", "/* SPDX-License-Identifier: GPL-2.0+ */\nint x;\n", "GPL-2.0-or-later"),
        ("a.html", "<!-- SPDX-License-Identifier: MIT OR Apache-2.0 -->", "Apache-2.0 OR MIT"),
        ("a.py", '"""What it does.\n\nReleased under the MIT License.\n"""\nx = 1\n', "MIT"),
        ("a.py", "# SPDX-License-Identifier: no such thing\n", None),
        ("a.py", "import os\n" * 9 + "TAG = 'SPDX-License-Identifier: MIT'\n", None),
        ("a.py", "x = 1\n# Released under the MIT License.\n", None),
        ("README.md", "---\nlicense: cc-by-nc-4.0\ntags: [x]\n---\n# A model\n", "CC-BY-NC-4.0"),
        (
            "README.md",
            "---\nlicense: other\nlicense_name: NSCL-NC\n---\n",
            "LicenseRef-nvidia-source-code-nc-sana-2024",
        ),
        ("README.md", "---\nlicense: gemma\n---\n", None),
        ("README.md", "---\nlicense: other\n---\n", None),
        (
            "README.md",
            "# Foo\n\nText.\n\n## License\n\nApache License, Version 2.0. See [LICENSE](LICENSE).\n",
            "Apache-2.0",
        ),
        ("README.rst", "Foo\n===\n\nLicense\n-------\n\nMIT\n\nMore\n----\n\nApache 2.0\n", "MIT"),
        ("README.md", "# Foo\n\nIt is distributed under the BSD 3-Clause license.\n", "BSD-3-Clause"),
        ("README.md", "# Foo\n\nIt computes the mitosis of isolated cells.\n", None),
        ("METADATA", "Name: foo\nLicense-Expression: MIT\n", "MIT"),
        ("LICENSE", "SPDX-License-Identifier: ISC\n", "ISC"),
    ],
)
def test_a_file_that_names_its_license_is_believed(path: str, text: str, id: str | None) -> None:
    found = identify(text, path)
    assert found.id is None if id is None else found.id in (id, " OR ".join(reversed(id.split(" OR "))))
    assert not found.altered


@pytest.mark.parametrize(
    "text",
    [
        "# SPDX-License-Identifier: MIT\n# For non-commercial use only.\n",
        "# SPDX-License-Identifier: Apache-2.0\n# May only be used for research.\n",
        "# SPDX-License-Identifier: MIT\n# Commercial use of this file is prohibited.\n",
    ],
)
def test_a_tag_beside_words_that_take_it_back_is_not_believed(text: str) -> None:
    found = identify(text, "a.py")
    assert (found.id, found.altered) == (None, True)


GNU = """/*
 * a.c - computes a
 * Copyright (C) 2001 Ada Example
 *
 * You may hand this on under the terms of the GNU {kind}General Public
 * License as it was published, {version}.
 */
int a;
"""


@pytest.mark.parametrize(
    ("kind", "version", "id"),
    [
        ("", "either version 2 of the License, or\n * (at your option) any later version", "GPL-2.0-or-later"),
        ("", "version 2 of the License", "GPL-2.0-only"),
        ("", "either version 3, or any later version", "GPL-3.0-or-later"),
        ("Lesser ", "version 2.1", "LGPL-2.1-only"),
        ("Affero ", "either version 3 of the\n * License, or (at your option) any later version", "AGPL-3.0-or-later"),
    ],
)
def test_the_number_and_the_option_decide_between_gnu_licenses(kind: str, version: str, id: str) -> None:
    assert identify(GNU.format(kind=kind, version=version), "a.c").id == id


def test_the_text_beats_the_tag_in_a_license_file() -> None:
    found = identify(f"SPDX-License-Identifier: MIT\n\n{MIT}\n\n{next(iter(RIDERS))}", "LICENSE")
    assert (found.id, found.altered) == (None, True)


def test_a_header_of_a_source_file_is_known() -> None:
    start = APACHE.index('Licensed under the Apache License, Version 2.0 (the "License")')
    header = "\n".join(f"# {line}".rstrip() for line in APACHE[start:].splitlines())
    assert (
        identify(f"#!/usr/bin/env python\n# Copyright 2031 Zebra Quux\n{header}\nimport os\n", "a.py").id
        == "Apache-2.0"
    )


# --- words, highlights -----------------------------------------------------------------------------------------------


@given(st.text(max_size=400))
def test_words_and_their_places_are_the_same_words(text: str) -> None:
    at = placed(text)
    assert [word.word for word in at] == words(text)
    assert all(0 <= word.start < word.end <= len(text) for word in at)
    assert all(a.end <= b.start for a, b in pairwise(at))


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    for path in ("LICENSE", "a.py", "README.md"):
        found = identify(text, path)
        assert 0 <= found.score <= 1


@given(st.lists(st.sampled_from(["may", "not", "use", "copy", "sell", "the"]), max_size=60), st.data())
def test_a_passage_of_a_text_is_found_in_it(told: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(len(told) - 1, 0)))
    pin = told[start : start + data.draw(st.integers(1, 8))]
    if pin:
        place = find(told, pin)
        assert place is not None
        assert told[place[0] : place[1]] == pin


def test_a_passage_is_found_although_a_word_is_lost() -> None:
    told = words("we say you may not use the work for any purpose at all unless we say so in writing")
    assert find_near(told, words("use the material work for any purpose")) == (5, 11)
    assert find_near(told, words("sell the outputs of another model to everyone")) is None


def test_each_pinned_clause_is_shown_where_it_stands() -> None:
    commented = "\n".join(f"# {line}" for line in MIT.splitlines())
    shown = highlight(commented, "MIT")
    sheet = shelf.sheet("MIT")
    assert sheet is not None
    assert {h.kind for h in shown} == {kind for kind, reading in sheet.readings.items() if reading.pin}
    for one in shown:
        pin = words(sheet[one.kind].pin + " ")
        assert words(commented[one.start : one.end]) == pin
        assert words(commented.splitlines()[one.line - 1])[-1] in words(commented[one.start :])
        assert one.cite == sheet.cite(sheet[one.kind].section)


# --- what is shipped -------------------------------------------------------------------------------------------------


def test_fingerprints_hold_no_text() -> None:
    kept = json.loads((FOLDER / "exact.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for each in kept["texts"].values() for one in each)
    loaded = prints()
    for table in (loaded.runs, loaded.words):
        assert table.hashes.max() < 1 << BITS
        assert (table.hashes[1:] > table.hashes[:-1]).all()  # a set in the order of its numbers, not of any text
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 1 << 20


def test_every_id_with_fingerprints_is_one_that_licet_knows() -> None:
    from licet.licenses.expression import license_id

    assert [id for id in prints().texts_of if license_id(id) != id and not id.startswith("LicenseRef-")] == []


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_prints_the_json_that_was_promised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "LICENSE").write_text(MIT)
    (tmp_path / "RIDER").write_text(MIT + "\nCommercial use is not permitted.\n")
    assert main(["identify", str(tmp_path / "LICENSE"), str(tmp_path / "RIDER"), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first == {
        "path": str(tmp_path / "LICENSE"),
        "id": "MIT",
        "score": 1.0,
        "altered": False,
        "closest": {"id": "MIT", "differing_clauses": []},
    }
    assert (second["id"], second["altered"]) == (None, True)
    assert second["closest"] == {"id": "MIT", "differing_clauses": ["commercial_use"]}


def test_the_command_reads_folders_and_shows_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "LICENSE").write_text(MIT)
    (tmp_path / "a.py").write_text("# SPDX-License-Identifier: ISC\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    assert main(["identify", str(tmp_path), "--clauses"]) == 0
    out = capsys.readouterr().out
    assert "by its SPDX tag" in out
    assert "picture" not in out
    assert re.search(r"line \d+: sell = yes", out)


def test_the_exit_code_can_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "LICENSE").write_text(MIT + "\nCommercial use is not permitted.\n")
    assert main(["identify", str(tmp_path / "LICENSE"), "--exit-code"]) == 1
    assert "not in it, line" in capsys.readouterr().out


def test_a_path_that_is_not_there_hides_no_answer_about_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "LICENSE").write_text(MIT)
    there, missing = str(tmp_path / "LICENSE"), str(tmp_path / "nothing")
    for paths in ([there, missing], [missing, there]):
        assert main(["identify", *paths]) == 2
        said = capsys.readouterr()
        assert said.out.split() == [there, "MIT"]
        assert f"{missing}: cannot read it" in said.err
    assert main(["identify", missing, there, "--json"]) == 2
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ["MIT"]
    assert main(["identify", missing]) == 2
    assert capsys.readouterr().out == ""


ENDLESS = {
    "words without a stop": "a " * 20_000,
    "tabs": "\t" * 40_000 + "x",
    "blank lines": " \n" * 20_000,
    "one line of headings": "license " * 5_000,
    "a heading of tabs": "# license\n#" + "\t" * 40_000 + "x",
    "a tag of blanks": "SPDX-License-Identifier:" + " " * 40_000 + "x",
    "a field of blanks": "---\nlicense:" + " " * 40_000 + "'x\n---\n",
    "marks of an underline": "license\n" + "=" * 40_000 + "x",
}


@pytest.mark.parametrize("path", ["LICENSE", "README.md", "a.py"])
@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_a_text_that_was_made_to_take_for_ever_is_read_at_once(text: str, path: str) -> None:
    """Nothing is timed: with a pattern that gives back what it has read, each of these takes minutes."""
    assert identify(text, path).id is None


def test_a_sentence_names_the_license_from_its_beginning_and_a_few_words_on() -> None:
    told = "Not ISC. Some of it is MIT, the rest is released under the\nBSD-3-Clause license"
    assert identify(told, "README.md").id == "MIT AND BSD-3-Clause"


@pytest.mark.parametrize("field", ["mit", "'mit'", '"mit"', "mit  ", "  mit"])
def test_a_field_of_the_front_matter_is_read_with_and_without_quotes(field: str) -> None:
    assert identify(f"---\nlicense: {field}\n---\n", "README.md").id == "MIT"
