"""Does check leave real packages alone? Every finding of level error about one must be justified here."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from tests.release.check.trees import package

from licet.licenses.identify import identify
from licet.release.check import check
from licet.release.check.meaning import agree, meaning
from licet.release.check.readers.card import read_card
from licet.release.check.statement import Tree

LARGE = 40 << 20  # bytes; of larger packages only the files under a megabyte are looked at

# (package, rule, path) -> why it is right. An error that is not in this table fails the test.
JUSTIFIED: dict[tuple[str, str, str], str] = {
    ("moto", "secret", "moto/moto_proxy/ca.key"): "a private key is shipped: its proxy's test authority",
    ("moto", "secret", "moto/moto_proxy/cert.key"): "a private key is shipped: its proxy's test certificate",
    ("pyjwt", "secret", "pyjwt-2.15.1.dist-info/METADATA"): "a signed token does stand there: its README's example",
    ("joserfc", "secret", "joserfc-1.8.0.dist-info/METADATA"): "a signed token does stand there: its README's example",
}


def installed() -> list[Distribution]:
    """Every installed package that has Python files or a license of its own, but this one (an editable install)."""
    found = {d.name.casefold(): d for d in distributions() if d.files and len(d.files) > 4}
    return [d for name, d in sorted(found.items()) if name != "licet"]


def test_enough_packages_are_installed_to_say_something() -> None:
    assert len(installed()) >= 20


@pytest.mark.parametrize("distribution", installed(), ids=lambda d: d.name.casefold())
def test_an_installed_package_has_no_error_that_is_not_justified(distribution: Distribution, tmp_path: Path) -> None:
    tree = package(distribution, tmp_path / "tree", LARGE)
    errors = {
        (distribution.name.casefold(), f.rule, f.path): f.message for f in check(tree).findings if f.level == "error"
    }
    assert {where: says for where, says in errors.items() if where not in JUSTIFIED} == {}


def described() -> list[Distribution]:
    return [d for d in installed() if "License-Expression" in d.metadata and "icen" in (d.metadata.get_payload() or "")]


@pytest.mark.parametrize("distribution", described(), ids=lambda d: d.name.casefold())
def test_what_a_description_says_of_its_own_license_agrees_with_its_metadata(distribution: Distribution) -> None:
    """Descriptions name many licenses: of dependencies, of contributions, of data. Only the package's own is taken."""
    tree = Tree()
    read_card(tree, "README.md", str(distribution.metadata.get_payload()), speaks_of_weights=False)
    declared = meaning(distribution.metadata["License-Expression"])
    assert [s.written for s in tree.statements if not agree(s.meaning, declared)] == []


def understood() -> list[Distribution]:
    """Packages with one license file, and everybody knows which license it is."""
    return [d for d in installed() if len(texts := _texts(d)) == 1 and identify(texts[0].read_text(), "LICENSE").id]


def _texts(distribution: Distribution) -> list[Path]:
    files = [f for f in distribution.files or () if ".dist-info/licenses/" in str(f)]
    return [Path(str(f.locate())) for f in files if len(f.parts) == 3 and f.name.startswith("LICENSE")]


@pytest.mark.parametrize("distribution", understood()[:12], ids=lambda d: d.name.casefold())
def test_the_same_package_with_another_license_in_its_metadata_contradicts_itself(
    distribution: Distribution, tmp_path: Path
) -> None:
    """Silence about real packages is worth something only if the same trees, spoilt, are not passed over."""
    tree = package(distribution, tmp_path / "tree", LARGE)
    (metadata,) = tree.glob("*.dist-info/METADATA")
    metadata.unlink()  # a link to the installed file: never written through
    metadata.write_text("Metadata-Version: 2.4\nName: x\nVersion: 1\nLicense-Expression: SSPL-1.0\n\n")
    assert [f.path for f in check(tree).findings if f.rule == "contradiction" and f.level == "error"]


def test_enough_packages_are_understood_to_be_spoilt() -> None:
    assert len(understood()) >= 12
