"""Does check find what went wrong in the cases that everybody remembers, and nothing where nothing is wrong?"""

from __future__ import annotations

from pathlib import Path

from tests.release.check.trees import found, grow, license_text, rules, safetensors

from licet.release.check import check

APACHE_HEADER = "# SPDX-License-Identifier: Apache-2.0\n\n"


def sana(root: Path) -> Path:
    """SANA as of 2024-11-27: LICENSE, headers, README and weights each say something else."""
    files: dict[str, str | bytes] = {f"diffusion/part_{n}.py": f"{APACHE_HEADER}part = {n}\n" for n in range(103)}
    files |= {
        "LICENSE": license_text("LicenseRef-nvidia-source-code-nc-sana-2024"),
        "README.md": "# Sana\n\n## News\n\n- [2024/11/27] Sana code-base license changed to Apache 2.0.\n",
        "app/run.py": "print('no header')\n",
        "weights/LICENSE.txt": license_text("CC-BY-NC-SA-4.0"),
        "weights/model.safetensors": safetensors(),
    }
    return grow(root, files)


def test_the_statements_of_sana_contradict_each_other(tmp_path: Path) -> None:
    told = found(sana(tmp_path), "contradiction")
    assert {(f.path, f.line, f.level) for f in told} == {
        ("README.md", 5, "error"),
        ("diffusion/part_0.py", 1, "error"),
    }
    assert all("LicenseRef-nvidia-source-code-nc-sana-2024" in f.message and "Apache-2.0" in f.message for f in told)
    assert any("103 files" in f.message for f in told)


def test_sana_with_a_licet_toml_contradicts_that_too(tmp_path: Path) -> None:
    document = """
        [release]
        name = "sana"
        version = "1.0.0"
        licensor = "Example Lab"
        [[component]]
        name = "code"
        kind = "code"
        license = "Apache-2.0"
        [[component]]
        name = "weights"
        kind = "weights"
        path = "weights/"
        license = "CC-BY-NC-4.0"
        upstream = [{ name = "gemma-2-2b-it", license = "LicenseRef-scancode-gemma-tou-2024-04-01" }]
    """
    grow(sana(tmp_path), {"licet.toml": document})
    errors = {(f.rule, f.path) for f in check(tmp_path).findings if f.level == "error"}
    assert ("contradiction", "LICENSE") in errors  # neither the code's license nor the weights'
    assert ("contradiction", "weights/LICENSE.txt") in errors
    assert ("upstream-terms", "licet.toml") in errors  # Gemma binds recipients, CC-BY-NC does not


def test_a_fine_tune_of_flux_dev_cannot_be_marked_apache(tmp_path: Path) -> None:
    card = "---\nlicense: apache-2.0\nbase_model: black-forest-labs/FLUX.1-dev\npipeline_tag: text-to-image\n---\n# Editor\n"
    grow(tmp_path, {"README.md": card, "LICENSE": license_text("Apache-2.0"), "model.safetensors": safetensors()})
    (told,) = found(tmp_path, "upstream-terms")
    assert (told.path, told.line, told.level) == ("README.md", 3, "error")
    assert "LicenseRef-flux-1-dev-nc-1.1.1" in told.message or "LicenseRef-scancode-flux-1-nc" in told.message


LLAMA_CARD = """---
license: llama3.1
base_model:
  - meta-llama/Llama-3.1-8B-Instruct
  - arcee-ai/Llama-3.1-SuperNova-Lite
tags: [merge]
---
# {name}

A merge of two models. {shown}
"""


def llama_merge(root: Path, name: str, shown: str) -> Path:
    return grow(
        root,
        {
            "README.md": LLAMA_CARD.format(name=name, shown=shown),
            "LICENSE": license_text("LicenseRef-scancode-llama-3.1-license-2024"),
            "NOTICE": "Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright Meta Platforms, Inc.\n",
            "model.safetensors": safetensors(),
        },
    )


def test_a_llama_merge_must_show_built_with_llama_and_bear_the_name(tmp_path: Path) -> None:
    told = [f for f in check(llama_merge(tmp_path, "Wonder-8B", "")).findings if f.level == "error"]
    assert {f.rule for f in told} == {"naming-duty", "name-prefix"}
    assert any('"Built with Llama"' in f.mend for f in told)
    assert any(f.line == 8 and '"Wonder-8B"' in f.message for f in told)


def test_a_llama_merge_that_does_both_has_no_error(tmp_path: Path) -> None:
    assert rules(llama_merge(tmp_path, "Llama-Wonder-8B", "Built with Llama."), "error") == []


def codec(root: Path, readme: str) -> Path:
    return grow(
        root,
        {
            "LICENSE": license_text("MIT"),
            "README.md": readme,
            "pyproject.toml": '[project]\nname = "voice"\nversion = "1"\nlicense = "MIT"\n',
            "voice/speak.py": "def speak(): ...\n",
            "voice/codec/LICENSE": license_text("CC-BY-NC-4.0"),
            "voice/codec/encodec.safetensors": safetensors(),
        },
    )


def test_a_non_commercial_codec_inside_an_mit_product_is_incompatible(tmp_path: Path) -> None:
    (told,) = [f for f in check(codec(tmp_path, "# Voice\n")).findings if f.level == "error"]
    assert (told.rule, told.path) == ("incompatible", "voice/codec/LICENSE")
    assert "CC-BY-NC-4.0" in told.message and "MIT" in told.message


def test_a_codec_whose_own_license_is_told_in_the_readme_is_no_contradiction(tmp_path: Path) -> None:
    readme = "# Voice\n\nThe weights in `voice/codec/` are under CC-BY-NC-4.0; all else is MIT.\n"
    assert rules(codec(tmp_path, readme), "error") == []


def test_a_codec_as_upstream_in_licet_toml_is_an_error_there(tmp_path: Path) -> None:
    document = """[release]
name = "voice"
version = "1.0.0"
licensor = "Example Lab"
[[component]]
name = "code"
kind = "code"
license = "MIT"
upstream = [{ name = "encodec", license = "CC-BY-NC-4.0" }]
"""
    grow(tmp_path, {"licet.toml": document, "LICENSE": license_text("MIT"), "speak.py": "x = 1\n"})
    (told,) = found(tmp_path, "upstream-terms")
    assert (told.path, told.line, told.level) == ("licet.toml", 9, "error")


OPEN_CORE = """[release]
name = "core"
version = "1.0.0"
licensor = "Example Lab"
[[component]]
name = "code"
kind = "code"
path = "src/"
license = "Apache-2.0"
[[component]]
name = "trainer"
kind = "code"
path = "private/"
proprietary = true
"""
SECRET_SAUCE = "def train(rows):\n    return sum(rows) / len(rows)\n"


def open_core(root: Path, more: dict[str, str | bytes] | None = None) -> Path:
    files: dict[str, str | bytes] = {
        "licet.toml": OPEN_CORE,
        "LICENSE": license_text("Apache-2.0"),
        "src/core.py": APACHE_HEADER + "x = 1\n",
        "private/trainer.py": SECRET_SAUCE,
    }
    return grow(root, files | (more or {}))


def test_an_open_core_that_keeps_its_module_to_itself_has_no_finding(tmp_path: Path) -> None:
    assert rules(open_core(tmp_path)) == []


def test_a_clean_apache_release_has_no_finding(tmp_path: Path) -> None:
    readme = "---\nlicense: apache-2.0\npipeline_tag: text-classification\n---\n# Clean\n\n"
    readme += "## License\n\nLicensed under Apache-2.0, see [LICENSE](LICENSE).\n"
    files: dict[str, str | bytes] = {
        "LICENSE": license_text("Apache-2.0"),
        "NOTICE": "Clean\nCopyright 2026 Example Lab\n",
        "README.md": readme,
        "pyproject.toml": '[project]\nname = "clean"\nversion = "1"\nlicense = "Apache-2.0"\n',
        "src/clean.py": APACHE_HEADER + "x = 1\n",
        "weights/model.safetensors": safetensors({"license": "apache-2.0"}),
        "config.json": "{}",
    }
    assert rules(grow(tmp_path, files)) == []
    document = OPEN_CORE.partition("[[component]]")[0].replace("core", "clean")
    document += '[[component]]\nname = "code"\nkind = "code"\nlicense = "Apache-2.0"\n'
    document += '[[component]]\nname = "weights"\nkind = "weights"\npath = "weights/"\nlicense = "Apache-2.0"\n'
    assert rules(grow(tmp_path, {"licet.toml": document})) == []
