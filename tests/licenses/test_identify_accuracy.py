"""How often is `identify` right? The benchmark's own damage and riders, on as many texts as are at hand.

Where a folder of license texts stands beside the repository (or LICET_TEST_TEXTS names one), all of it is asked; the
license files of installed packages are always asked, so that nothing here passes for want of texts.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from importlib.metadata import distributions
from pathlib import Path
from types import ModuleType

import pytest

from licet.licenses.fingerprint import prints
from licet.licenses.identify import identify

ROOT = Path(__file__).parents[2]


def _benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_identify", ROOT / "benchmarks" / "identify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


bench = _benchmark()
INSTALLED = bench.installed_texts()
AT_HAND = bench.texts_at_hand()


def ours(text: str) -> tuple[str | None, bool]:
    found = identify(text)
    return found.id, found.altered


def test_installed_license_files_are_told_exactly_whatever_was_done_to_them() -> None:
    assert len(INSTALLED) >= 5
    told = bench.accuracy(INSTALLED, ours, seed=7)
    assert told["riders silent"] == 0, told["missed"]
    assert told["exact"]["all"] == 100, told["missed"]
    assert told["harmless flagged"] <= 3, told["missed"]


TITLE = re.compile(r"((?:version|OpenMDW-)[ ]?)(\d+)\.(\d+)", re.IGNORECASE)


def renumbered(text: str) -> str | None:
    """The text with the version in its title one higher; None where its title has none."""
    head, rest = text[:200], text[200:]
    return TITLE.sub(lambda m: f"{m[1]}{m[2]}.{int(m[3]) + 7}", head) + rest if TITLE.search(head) else None


def test_a_title_with_another_version_makes_another_license() -> None:
    """OpenMDW 1.1 is not 1.0: where only the title tells, the title must be heard."""
    asked = 0
    for id, text in {**dict(INSTALLED), **dict(AT_HAND)}.items():
        other = renumbered(text)
        if other is not None and not ours(text)[1] and ours(text)[0]:
            asked += 1
            assert ours(other)[0] != ours(text)[0], id
    assert asked


@pytest.mark.skipif(
    len(AT_HAND) < 100, reason="no folder of license texts beside the repository: LICET_TEST_TEXTS names one"
)
class TestAllTexts:
    def test_every_text_is_told_exactly_whatever_was_done_to_it(self) -> None:
        told = bench.accuracy(AT_HAND, ours, seed=7)
        assert told["riders silent"] == 0, told["missed"]
        assert told["exact"]["plain"] == 100, told["missed"]
        assert told["exact"]["all"] >= 99.5, told["missed"]
        assert told["harmless flagged"] <= 3, told["missed"]

    def test_a_model_license_that_was_never_seen_gets_no_id(self) -> None:
        told = bench.unknown(AT_HAND, seed=7)
        assert told["held out"] >= 60
        assert told["which"]["plain"] == []

    def test_twins_whose_clauses_flip_are_told_apart(self) -> None:
        for twins in TWINS:
            for id in twins:
                for change in ("plain", "all"):
                    found = identify(bench.VARIANTS[change](AT_HAND[id], bench.random.Random(id)))
                    assert (found.id, found.altered) == (id, False), change

    def test_an_apache_license_with_a_use_policy_is_its_own_and_never_apache(self) -> None:
        falcon = AT_HAND["LicenseRef-scancode-falcon-2-11b-1.0"]
        assert identify(falcon).id == "LicenseRef-scancode-falcon-2-11b-1.0"
        unseen = identify(falcon, among=prints().without(["LicenseRef-scancode-falcon-2-11b-1.0"]))
        assert (unseen.id, unseen.altered) == (None, True)
        assert unseen.closest is not None
        assert unseen.closest.id == "Apache-2.0"


TWINS = (
    (
        "LicenseRef-llama-3-2024",
        "LicenseRef-scancode-llama-3.1-license-2024",
        "LicenseRef-scancode-llama-3.2-license-2024",
        "LicenseRef-scancode-llama-3.3-license-2024",
    ),
    ("LicenseRef-scancode-flux-1-nc", "LicenseRef-flux-1-dev-nc-1.1.1", "LicenseRef-flux-dev-nc-2.0"),
    (
        "LicenseRef-scancode-stable-diffusion-2022-08-22",
        "LicenseRef-scancode-bigscience-open-rail-m",
        "LicenseRef-scancode-bigscience-open-rail-m2",
        "LicenseRef-creativeml-openrail-pp-m-2023-07-26",
        "LicenseRef-scancode-bigcode-open-rail-m-v1",
    ),
    ("LicenseRef-scancode-nvidia-open-model-2025-04-28", "LicenseRef-nvidia-open-model-2025-10-24"),
    ("LicenseRef-scancode-gemma-tou-2024-04-01", "LicenseRef-scancode-gemma-tou-2025-03-24"),
    ("CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0"),
    ("BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Clear", "MIT", "MIT-0", "ISC", "0BSD"),
)


def test_readmes_and_metadata_of_packages_are_no_license_texts() -> None:
    """What they declare is believed; that their prose *is* a license is said only of those that print one."""
    false = []
    for package in distributions():
        for path in package.files or ():
            if path.name in ("METADATA", "README.md", "README.rst") and path.parent.name.endswith(".dist-info"):
                text = Path(str(package.locate_file(path))).read_text(encoding="utf-8", errors="replace")
                found = identify(text, str(path))
                prints_one = (
                    "permission is hereby granted" in text.lower() or "licensed under the apache" in text.lower()
                )
                if found.how in ("text", "header") and found.id and not prints_one:
                    false.append(f"{path}: {found.id}")
    assert false == []
