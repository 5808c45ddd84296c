"""Does each rule of check find its thing, on its line, and leave the rest alone?"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.release.check.trees import found, gguf, grow, license_text, rules, safetensors

from licet.licenses.alarms import BELLS
from licet.release.check import check
from licet.release.check.gentler import GENTLER
from licet.release.check.meaning import agree, folded, meaning
from licet.release.check.rules import NAMES

HEAD = '[release]\nname = "some"\nversion = "1.0.0"\nlicensor = "Example Lab"\n'


def release(*components: str, more: str = "") -> str:
    return HEAD + more + "".join(f"[[component]]\n{c}\n" for c in components)


CODE = 'name = "code"\nkind = "code"\nlicense = "MIT"'
MIT = {"LICENSE": license_text("MIT"), "a.py": "x = 1\n"}


# --- what words mean ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "id"),
    [
        ("MIT", "MIT"),
        ("mit license", "MIT"),
        ("apache-2.0", "Apache-2.0"),
        ("Apache License 2.0", "Apache-2.0"),
        ("GPLv3+", "GPL-3.0-only"),
        ("BSD License", "BSD-3-Clause"),
        ("llama3.1", "LicenseRef-scancode-llama-3.1-license-2024"),
        ("gemma", "LicenseRef-scancode-gemma-tou-2024-04-01"),
        ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0"),
        ("MIT OR Apache-2.0", "MIT"),
    ],
)
def test_what_people_write_means_a_license(written: str, id: str) -> None:
    assert id in meaning(written).ids


@pytest.mark.parametrize("written", ["", "other", "proprietary", "see LICENSE file", "Nobody's own license"])
def test_what_names_no_license_means_none(written: str) -> None:
    assert not meaning(written)


def test_statements_agree_when_one_is_part_of_the_other_and_not_when_they_name_different_licenses() -> None:
    assert agree(meaning("BSD-3-Clause"), meaning("BSD-3-Clause AND MIT"))
    assert agree(meaning("BSD License"), meaning("BSD-2-Clause"))
    assert agree(meaning("GPL-3.0-only"), meaning("GPL-3.0-or-later"))
    assert agree(meaning("MIT"), meaning("who knows"))
    assert not agree(meaning("MIT"), meaning("Apache-2.0"))
    assert folded("BSD-3-Clause-No-Military-License") != folded("BSD-3-Clause") != folded("BSD-3-Clause-Clear")


# --- contradictions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "line"),
    [
        ("README.md", "# X\n\n## License\n\nThis project is licensed under the Apache License 2.0.\n", 5),
        ("README.md", "# X\n\n## License\n\nApache-2.0\n", 5),
        ("README.md", "# X\n\nLicense\n-------\n\n[Apache-2.0](LICENSE).\n", 6),
        ("README.md", "# X\n\n![License](https://img.shields.io/badge/license-Apache--2.0-blue.svg)\n", 3),
        ("README.md", "---\nlibrary_name: x\nlicense: apache-2.0\n---\n# X\n", 3),
        ("pyproject.toml", '[project]\nname = "x"\nlicense = "Apache-2.0"\n', 3),
        ("pyproject.toml", '[project]\nname = "x"\nlicense = { text = "Apache-2.0" }\n', 3),
        ("package.json", '{\n "name": "x",\n "license": "Apache-2.0"\n}\n', 3),
        ("setup.cfg", "[metadata]\nlicense = Apache-2.0\n", 2),
        ("CITATION.cff", "cff-version: 1.2.0\nlicense: Apache-2.0\n", 2),
        (
            "REUSE.toml",
            'version = 1\n[[annotations]]\npath = "**"\nSPDX-FileCopyrightText = "me"\nSPDX-License-Identifier = "Apache-2.0"\n',
            5,
        ),
    ],
)
def test_every_kind_of_statement_can_contradict_the_license_file(
    tmp_path: Path, path: str, body: str, line: int
) -> None:
    grow(tmp_path, MIT | {path: body})
    (told,) = found(tmp_path, "contradiction")
    assert (told.path, told.line, told.level) == (path, line, "error")
    assert "Apache-2.0" in told.message and "MIT" in told.message
    grow(
        tmp_path,
        {
            path: body.replace("apache-2.0", "mit")
            .replace("Apache--2.0", "MIT")
            .replace("Apache-2.0", "MIT")
            .replace("Apache License 2.0", "MIT License")
        },
    )
    assert found(tmp_path, "contradiction") == []


def test_a_sentence_that_may_be_about_other_works_is_a_warning(tmp_path: Path) -> None:
    grow(tmp_path, MIT | {"README.md": "# X\n\n## License\n\nIt is released under the Apache License 2.0.\n"})
    assert [f.level for f in found(tmp_path, "contradiction")] == ["warning"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Thanks to the authors of Foo, which is licensed under the Apache License 2.0.",
        "This project uses Foo, licensed under Apache-2.0.",
        "Portions are licensed under the Apache License 2.0.",
        "Is this under Apache-2.0?",
        "- Foo (Apache-2.0)",
        "| Foo | Apache-2.0 |",
        "You can use it under whatever license you like, Apache-2.0 included.",
        "Contributions are not licensed under the Apache License 2.0.",
    ],
)
def test_a_sentence_about_other_works_is_no_statement_of_ours(tmp_path: Path, sentence: str) -> None:
    grow(tmp_path, MIT | {"README.md": f"# X\n\n## License\n\n{sentence}\n\nWe release it under the MIT License.\n"})
    assert rules(tmp_path) == []


def test_code_and_weights_may_have_their_own_licenses_when_each_is_named(tmp_path: Path) -> None:
    readme = "# X\n\n## License\n\nThe code is licensed under the MIT License and the weights are licensed under CC-BY-NC-4.0.\n"
    grow(
        tmp_path,
        MIT | {"README.md": readme, "model.safetensors": safetensors(), "LICENSE-MODEL": license_text("CC-BY-NC-4.0")},
    )
    assert rules(tmp_path, "error") == [] and rules(tmp_path, "warning") == []


def test_the_header_inside_weights_can_contradict_the_card(tmp_path: Path) -> None:
    card = "---\nlicense: mit\npipeline_tag: text-generation\n---\n# X\n"
    grow(
        tmp_path,
        {"README.md": card, "LICENSE": license_text("MIT"), "x.gguf": gguf({"general.license": "cc-by-nc-4.0"})},
    )
    (told,) = found(tmp_path, "contradiction")
    assert told.path == "x.gguf" and "CC-BY-NC-4.0" in told.message


def test_a_few_files_of_others_are_no_contradiction_unless_their_license_does_not_fit(tmp_path: Path) -> None:
    own = {f"m{n}.py": "# SPDX-License-Identifier: MIT\n" for n in range(9)}
    grow(tmp_path, MIT | own | {"vendored.py": "# SPDX-License-Identifier: BSD-3-Clause\n"})
    assert rules(tmp_path) == []
    grow(tmp_path, {"copied.py": "#!/usr/bin/env python\n# SPDX-License-Identifier: GPL-3.0-only\n"})
    (told,) = found(tmp_path, "incompatible")
    assert (told.path, told.line, told.level) == ("copied.py", 2, "error")


def test_where_only_headers_speak_most_of_them_are_the_license(tmp_path: Path) -> None:
    own = {f"m{n}.py": "# SPDX-License-Identifier: MIT\n" for n in range(4)}
    grow(tmp_path, own | {"LICENSES/MIT.txt": license_text("MIT")})
    assert rules(tmp_path) == []
    grow(
        tmp_path,
        {
            "copied.py": "# SPDX-License-Identifier: GPL-3.0-only\n",
            "tests/b.py": "# SPDX-License-Identifier: GPL-3.0-only\n",
        },
    )
    assert [(f.path, f.level) for f in found(tmp_path, "incompatible")] == [("copied.py", "error")]


def test_a_folder_of_others_inside_a_component_must_fit_or_be_declared(tmp_path: Path) -> None:
    inner = {"vendor/lib/LICENSE": license_text("GPL-3.0-only"), "vendor/lib/a.py": "x = 1\n"}
    grow(tmp_path, MIT | inner | {"licet.toml": release(CODE)})
    assert [(f.rule, f.path, f.level) for f in check(tmp_path).findings] == [
        ("incompatible", "vendor/lib/LICENSE", "error")
    ]
    grow(tmp_path, {"licet.toml": release(CODE + '\nupstream = [{ name = "lib", license = "GPL-3.0-only" }]')})
    assert [(f.rule, f.path) for f in check(tmp_path).findings if f.level == "error"] == [
        ("upstream-terms", "licet.toml")
    ]


def test_headers_that_are_many_but_few_of_all_files_are_other_peoples_work(tmp_path: Path) -> None:
    rest = {f"plain{n}.py": "x = 1\n" for n in range(20)}
    vendored = {f"vendored/v{n}.py": "# SPDX-License-Identifier: BSD-3-Clause\n" for n in range(4)}
    assert rules(grow(tmp_path, MIT | rest | vendored)) == []


def test_what_a_package_keeps_in_its_metadata_folder_speaks_of_the_package(tmp_path: Path) -> None:
    body = "Metadata-Version: 2.4\nName: x\nVersion: 1\nLicense-Expression: Apache-2.0\n\n"
    grow(
        tmp_path,
        {"x/a.py": "x = 1\n", "x-1.dist-info/METADATA": body, "x-1.dist-info/licenses/LICENSE": license_text("MIT")},
    )
    assert [f.path for f in found(tmp_path, "contradiction")] == ["x-1.dist-info/METADATA"]


def test_a_license_inside_a_proprietary_component_is_a_contradiction(tmp_path: Path) -> None:
    closed = 'name = "closed"\nkind = "code"\npath = "closed/"\nproprietary = true'
    grow(
        tmp_path, MIT | {"licet.toml": release(CODE, closed), "closed/a.py": "# SPDX-License-Identifier: MIT\nx = 1\n"}
    )
    (told,) = found(tmp_path, "contradiction")
    assert (told.path, told.line) == ("closed/a.py", 1)


# --- missing -----------------------------------------------------------------------------------------------------------


def test_a_tree_without_any_license_says_so_once_for_each_kind(tmp_path: Path) -> None:
    grow(tmp_path, {"a.py": "x = 1\n", "b.py": "y = 1\n", "w.safetensors": safetensors()})
    assert sorted(f.path for f in found(tmp_path, "no-license")) == ["a.py", "w.safetensors"]


def test_weights_beside_code_with_one_license_for_all_are_asked_about(tmp_path: Path) -> None:
    grow(tmp_path, MIT | {"w.safetensors": safetensors()})
    (told,) = found(tmp_path, "code-license-for-weights")
    assert (told.path, told.level) == ("LICENSE", "warning")


def test_weights_under_a_license_for_software_are_asked_about(tmp_path: Path) -> None:
    weights = 'name = "weights"\nkind = "weights"\nlicense = "GPL-3.0-only"'
    grow(
        tmp_path,
        {"licet.toml": release(weights), "w.safetensors": safetensors(), "LICENSE": license_text("GPL-3.0-only")},
    )
    (told,) = found(tmp_path, "code-license-for-weights")
    assert (told.path, told.line) == ("licet.toml", 5)


def test_the_license_of_the_root_is_not_taken_for_that_of_weights_in_licet_toml(tmp_path: Path) -> None:
    weights = 'name = "weights"\nkind = "weights"\npath = "w/"\nlicense = "CC-BY-4.0"'
    grow(tmp_path, MIT | {"licet.toml": release(CODE, weights), "w/w.safetensors": safetensors()})
    assert [f.path for f in found(tmp_path, "code-license-for-weights")] == ["LICENSE"]
    grow(tmp_path, {"w/LICENSE": license_text("CC-BY-4.0")})
    assert rules(tmp_path) == []


def test_files_of_no_component_are_told(tmp_path: Path) -> None:
    one = 'name = "code"\nkind = "code"\npath = "src/"\nlicense = "MIT"'
    grow(
        tmp_path,
        {"licet.toml": release(one), "src/a.py": "x = 1\n", "LICENSE": license_text("MIT"), "tool.py": "y = 1\n"},
    )
    (told,) = found(tmp_path, "no-component")
    assert told.path == "tool.py"


def test_a_license_that_asks_for_its_copy_and_has_none_is_told(tmp_path: Path) -> None:
    grow(tmp_path, {"licet.toml": release(CODE), "a.py": "x = 1\n"})
    assert [f.rule for f in check(tmp_path).findings] == ["license-copy"]
    grow(tmp_path, {"LICENSES/MIT.txt": license_text("MIT")})
    assert rules(tmp_path) == []


# --- upstream and duties ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("adapter_config.json", '{\n "base_model_name_or_path": "black-forest-labs/FLUX.1-dev"\n}'),
        ("mergekit_config.yml", "models:\n  - model: black-forest-labs/FLUX.1-dev\n"),
        (
            "model.gguf",
            gguf({"general.base_model.0.name": "FLUX.1-dev", "general.base_model.0.organization": "black-forest-labs"}),
        ),
        ("lora.safetensors", safetensors({"base_model": "black-forest-labs/FLUX.1-dev"})),
    ],
)
def test_a_base_is_found_wherever_it_is_named(tmp_path: Path, path: str, body: str | bytes) -> None:
    card = "---\nlicense: mit\npipeline_tag: text-to-image\n---\n# X\n"
    grow(tmp_path, {"README.md": card, "LICENSE": license_text("MIT"), "w.safetensors": safetensors(), path: body})
    assert [f.path for f in found(tmp_path, "upstream-terms")] == [path]


def test_a_base_known_only_by_its_family_name_is_a_warning(tmp_path: Path) -> None:
    card = "---\nlicense: mit\nbase_model: somebody/my-FLUX.1-dev-tuned\n---\n# X\n"
    grow(tmp_path, {"README.md": card, "LICENSE": license_text("MIT"), "w.safetensors": safetensors()})
    (told,) = found(tmp_path, "upstream-terms")
    assert told.level == "warning" and "by its name" in told.message


def test_a_base_that_licet_toml_does_not_know_is_told_and_one_it_knows_is_believed(tmp_path: Path) -> None:
    weights = 'name = "weights"\nkind = "weights"\nlicense = "Apache-2.0"'
    card = "---\nlicense: apache-2.0\nbase_model: acme/base\n---\n# X\n\nFine-tuned from acme/base.\n"
    tree = {
        "licet.toml": release(weights),
        "README.md": card,
        "LICENSE": license_text("Apache-2.0"),
        "w.safetensors": safetensors(),
    }
    grow(tmp_path, tree)
    assert sorted(rules(tmp_path)) == ["upstream-undeclared", "upstream-unknown"]
    grow(tmp_path, {"licet.toml": release(weights + '\nupstream = [{ name = "acme/base", license = "Apache-2.0" }]')})
    assert rules(tmp_path) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_texts_as_windows_writes_them_are_read(tmp_path: Path, encoding: str) -> None:
    grow(tmp_path, MIT | {"LICENSE": license_text("MIT").replace("\n", "\r\n").encode(encoding)})
    grow(tmp_path, {"pyproject.toml": '[project]\nname = "x"\nlicense = "Apache-2.0"\n'.encode(encoding)})
    assert [(f.rule, f.path) for f in check(tmp_path).findings] == [("contradiction", "pyproject.toml")]


@pytest.mark.parametrize(
    ("license", "cite", "level"),
    [
        ("LicenseRef-scancode-llama-2-license-2023", "§1(b)(v)", "warning"),
        ("LicenseRef-scancode-llama-3.1-license-2024", "§1(b)(i)", "warning"),
        ("LicenseRef-scancode-exaone-ai-model-1.1-nc", "LicenseRef-scancode-exaone", "error"),
        ("Apache-2.0", "", None),
        ("CC-BY-4.0", "", None),
    ],
)
def test_a_data_set_that_a_model_made_says_what_may_be_trained_on_it(
    tmp_path: Path, license: str, cite: str, level: str | None
) -> None:
    made = f'name = "data"\nkind = "data"\nlicense = "CC-BY-4.0"\nupstream = [{{ name = "acme/teacher", license = "{license}" }}]'
    card = "# Questions\n\nWritten by acme/teacher.\n"
    grow(tmp_path, {"licet.toml": release(made), "a.csv": "q,a\n", "README.md": card})
    told = found(tmp_path, "output-training")
    assert [(f.level, cite in f.message) for f in told] == ([(level, True)] if level else [])
    others = {"upstream-terms", "naming-duty", "attribution", "state-changes"}
    if level:  # a model: its outputs are no copy of it. What is itself data is passed on like any data
        assert others.isdisjoint(rules(tmp_path))
    grow(tmp_path, {"README.md": card + "Its license limits which models may be trained on it.\n"})
    assert found(tmp_path, "output-training") == []


def test_a_license_that_nobody_has_read_is_neither_allowed_nor_refused(tmp_path: Path) -> None:
    own = CODE + '\nupstream = [{ name = "acme/base", license = "LicenseRef-Acme-1.0" }]'
    assert rules(grow(tmp_path, MIT | {"licet.toml": release(own)})) == []


def test_an_upstream_must_be_named_its_text_kept_and_its_change_told(tmp_path: Path) -> None:
    weights = 'name = "weights"\nkind = "weights"\nlicense = "MIT"\nupstream = [{ name = "acme/base", license = "Apache-2.0" }]'
    grow(tmp_path, {"licet.toml": release(weights), "LICENSE": license_text("MIT"), "w.safetensors": safetensors()})
    assert sorted(rules(tmp_path)) == ["attribution", "license-copy", "state-changes"]
    notice = "Made from acme/base under Apache-2.0 by Acme, fine-tuned on our own texts.\n"
    grow(tmp_path, {"NOTICE": notice, "LICENSES/Apache-2.0.txt": license_text("Apache-2.0")})
    assert rules(tmp_path) == []


# --- texts, policies, alarms -----------------------------------------------------------------------------------------------


def test_an_altered_text_that_goes_by_the_real_name_is_an_error_with_the_clause(tmp_path: Path) -> None:
    text = license_text("MIT")
    if len(text) < 500:
        pytest.skip("no text of MIT at hand on this machine")
    rider = (
        "\n\nThe Software may not be used for any commercial purpose without written leave of the copyright holder.\n"
    )
    grow(
        tmp_path,
        {"LICENSE": text + rider, "a.py": "x = 1\n", "pyproject.toml": '[project]\nname = "x"\nlicense = "MIT"\n'},
    )
    (told,) = found(tmp_path, "altered-license")
    assert told.level == "error" and "MIT" in told.message and "commercially" in told.message
    assert "alarm" in rules(tmp_path, "note")


def test_a_policy_that_may_change_and_stands_beside_an_open_license_is_told_twice(tmp_path: Path) -> None:
    policy = "# Use policy\n\nDo no harm.\nWe may update this policy from time to time.\n"
    grow(tmp_path, MIT | {"USE_POLICY.md": policy})
    assert {(f.rule, f.line) for f in check(tmp_path).findings} == {
        ("changeable-policy", 4),
        ("policy-beside-license", 1),
    }


def test_a_license_behind_a_link_only_is_told(tmp_path: Path) -> None:
    card = (
        "---\nlicense: other\nlicense_name: my-own\nlicense_link: https://example.org/x/blob/main/LICENSE\n---\n# X\n"
    )
    grow(tmp_path, {"README.md": card, "w.safetensors": safetensors()})
    assert [f.line for f in found(tmp_path, "license-by-link")] == [4]


def test_alarms_tell_the_case_and_a_gentler_wording_for_the_license_that_was_chosen(tmp_path: Path) -> None:
    weights = 'name = "weights"\nkind = "weights"\nlicense = "CC-BY-NC-4.0"'
    grow(
        tmp_path,
        {"licet.toml": release(weights), "w.safetensors": safetensors(), "LICENSE": license_text("CC-BY-NC-4.0")},
    )
    told = found(tmp_path, "alarm")
    assert told and all(f.level == "note" and f.path == "licet.toml" and f.line == 5 for f in told)
    assert any("SANA" in f.message and "https://" in f.message and "change_date" in f.mend for f in told)


def test_every_alarm_has_a_gentler_wording() -> None:
    assert set(GENTLER) == set(BELLS)


# --- tiers, contributions, the gate -----------------------------------------------------------------------------------------

NC_BASE = (
    'name = "weights"\nkind = "weights"\nlicense = "CC-BY-NC-4.0"\n'
    'upstream = [{ name = "acme/base", license = "CC-BY-NC-4.0" }]'
)
FEATURE = '[[feature]]\nname = "chat"\ncall = "some.where:chat"\nserves = ["weights"]\n'


def test_a_paid_tier_cannot_sell_what_upstream_keeps_from_commerce(tmp_path: Path) -> None:
    tiers = '[[tier]]\nname = "free"\nfeatures = ["chat"]\n[[tier]]\nname = "paid"\nfeatures = ["chat"]\n'
    tiers += 'price = "9.00 EUR / month"\n'
    grow(tmp_path, {"licet.toml": release(NC_BASE) + FEATURE + tiers})
    (told,) = found(tmp_path, "tier-past-license")
    assert told.line == 17 and "`paid`" in told.message and "CC-BY-NC-4.0" in told.message


def test_callers_without_an_account_get_no_more_than_upstream_allows(tmp_path: Path) -> None:
    base = NC_BASE.replace('"CC-BY-NC-4.0" }', '"LicenseRef-scancode-flux-1-nc" }').replace(
        '"CC-BY-NC-4.0"', '"LicenseRef-X"'
    )
    grow(
        tmp_path,
        {"licet.toml": release(base) + FEATURE + '[anonymous]\nfeatures = ["chat"]\nquota = ["5 calls / day"]\n'},
    )
    assert [(f.line, "[anonymous]" in f.message) for f in found(tmp_path, "tier-past-license")] == [(14, True)]


def test_a_tier_cannot_carry_a_license_that_upstream_does_not_allow(tmp_path: Path) -> None:
    tier = '[[tier]]\nname = "paid"\nfeatures = ["chat"]\nlicenses = { weights = "MIT" }\n'
    grow(tmp_path, {"licet.toml": release(NC_BASE) + FEATURE + tier})
    assert [(f.line, f.level) for f in found(tmp_path, "tier-past-license")] == [(14, "error")]


def test_a_clause_whose_fact_is_not_declared_cannot_be_held(tmp_path: Path) -> None:
    tier = '[[tier]]\nname = "free"\nfeatures = ["chat"]\n'
    body = release(NC_BASE.replace("CC-BY-NC-4.0", "LicenseRef-scancode-flux-1-nc")) + FEATURE + tier
    grow(tmp_path, {"licet.toml": body})
    told = found(tmp_path, "unheld-clause")
    assert [f.line for f in told] == [5] and "`commercial`" in told[0].message and "`chat`" not in told[0].message
    grow(tmp_path, {"licet.toml": body.replace(HEAD, HEAD + 'declare = ["commercial", "purpose"]\n')})
    assert not [f for f in found(tmp_path, "unheld-clause") if "`commercial`" in f.message]


@pytest.mark.parametrize(
    ("contributions", "level"),
    [('contributions = "DCO-1.1"', "warning"), ("", "note"), ('contributions = "none"', None),
     ('contributions = "CLA"\ncontributions_url = "https://example.org/cla"', None)],
)  # fmt: skip
def test_code_that_changes_its_license_needs_contributions_that_cover_it(
    tmp_path: Path, contributions: str, level: str | None
) -> None:
    code = CODE.replace("MIT", "BUSL-1.1") + f'\nchange_date = 2030-01-01\nchange_license = "MIT"\n{contributions}'
    grow(tmp_path, {"licet.toml": release(code), "a.py": "x = 1\n", "LICENSE": license_text("BUSL-1.1")})
    assert [f.level for f in found(tmp_path, "contributions")] == ([level] if level else [])


# --- secrets and what cannot be read ----------------------------------------------------------------------------------------


def test_a_secret_is_found_on_its_line_and_never_repeated(tmp_path: Path) -> None:
    secret = "hf_" + "Ab3" * 12
    grow(tmp_path, MIT | {"run.py": f"import os\nkey = '{secret}'\n", "tests/test_x.py": f"key = '{secret}'\n"})
    told = found(tmp_path, "secret")
    assert [(f.path, f.line, f.level) for f in told] == [("run.py", 2, "error"), ("tests/test_x.py", 1, "warning")]
    assert all(secret not in str(f) for f in check(tmp_path).findings)


@pytest.mark.parametrize(
    "row",
    ["postgres://user:password@localhost/db", "https://<user>:<pass>@example.org", "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     "if '-----BEGIN PRIVATE KEY-----' in text:", "AKIAIOSFODNN7EXAMPLE", "github://org:repo@sha/path"],
)  # fmt: skip
def test_what_documentation_shows_is_no_secret(tmp_path: Path, row: str) -> None:
    grow(tmp_path, MIT | {"run.py": f"# {row}\n"})
    assert rules(tmp_path) == []


def test_weights_that_are_not_what_they_say_are_told_and_do_not_stop_the_check(tmp_path: Path) -> None:
    grow(tmp_path, MIT | {"a.safetensors": b"\xff" * 64, "b.gguf": b"no", "c.safetensors": b""})
    assert [f.path for f in found(tmp_path, "unreadable")] == ["a.safetensors", "b.gguf", "c.safetensors"]


def test_a_broken_licet_toml_is_told_line_by_line_and_the_rest_is_still_checked(tmp_path: Path) -> None:
    grow(tmp_path, MIT | {"licet.toml": "[release]\nname = 3\n", "run.py": "key = '" + "ghp_" + "a1B2" * 9 + "'\n"})
    told = check(tmp_path).findings
    assert any(f.path == "licet.toml" and f.line == 2 for f in told) and any(f.rule == "secret" for f in told)


def test_every_rule_that_is_met_is_in_the_list(tmp_path: Path) -> None:
    grow(tmp_path, {"a.py": "x = 1\n", "w.safetensors": b"", "out": "-> /nowhere"})
    assert {f.rule for f in check(tmp_path).findings} <= set(NAMES)
