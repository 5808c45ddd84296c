"""Does an SPDX expression mean the policy that SPDX says?"""

from __future__ import annotations

import subprocess
import sys

import pytest

from licet.errors import LicetError
from licet.licenses import ids, may_license, normalized, policy
from licet.terms.action import ACTIONS
from licet.terms.clause import AllOf, AnyOf, Terms
from licet.terms.verdict import Answer


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mit", "MIT"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("gpl-2.0+ and mit", "GPL-2.0-or-later AND MIT"),
        ("Apache-2.0+", "Apache-2.0+"),
        ("(mit or isc) and apache-2.0", "(MIT OR ISC) AND Apache-2.0"),
        ("MIT OR ISC AND Apache-2.0", "MIT OR ISC AND Apache-2.0"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("gpl-2.0 with classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("LicenseRef-Our-Own-1.0", "LicenseRef-Our-Own-1.0"),
        ("ZPL-2.1", "ZPL-2.1"),
        ("llama3.1 AND MIT", "LicenseRef-scancode-llama-3.1-license-2024 AND MIT"),
    ],
)
def test_an_expression_is_written_in_one_way(written: str, meant: str) -> None:
    assert normalized(written) == meant
    assert normalized(meant) == meant


def test_and_is_all_of_or_is_any_of() -> None:
    assert isinstance(policy("MIT"), Terms)
    assert isinstance(policy("MIT AND ISC"), AllOf)
    assert isinstance(policy("MIT OR ISC"), AnyOf)


def test_the_ids_of_an_expression_come_once_each_in_the_order_written() -> None:
    assert ids("mit AND (isc OR mit)") == ("MIT", "ISC")
    assert ids("GPL-2.0-only WITH Classpath-exception-2.0") == ("GPL-2.0-only",)


@pytest.mark.parametrize("id", ["LicenseRef-Our-Own-1.0", "ZPL-2.1"])
def test_of_a_license_that_nobody_has_read_every_action_depends_on_that(id: str) -> None:
    for action in ACTIONS:
        verdict = may_license(action, id)
        assert (verdict.answer, verdict.needs) == (Answer.DEPENDS, {f"read:{id}.{action}"})


def test_an_exception_that_nobody_has_read_can_only_give_more() -> None:
    expression = "LicenseRef-nvidia-source-code-nc-sana-2024 WITH Classpath-exception-2.0"
    assert may_license("use", "MIT WITH Classpath-exception-2.0").answer is Answer.YES
    assert may_license("commercial-use", expression).answer is Answer.DEPENDS


def test_an_addendum_behind_with_takes_away() -> None:
    assert may_license("sell", "MIT WITH LicenseRef-scancode-commons-clause").answer is Answer.NO


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ("MITT", "did you mean `MIT`?"),
        ("MIT AND Apache-2", "did you mean `Apache-2.0`?"),
        ("gemma", "say which: `LicenseRef-scancode-gemma-tou-2024-04-01`"),
        ("MIT AND", "join ids with AND, OR and WITH"),
        ("", "write an SPDX id"),
        ("MIT WITH Classpath-exception-9", "did you mean `Classpath-exception-2.0`?"),
    ],
)
def test_what_is_no_license_is_told_with_a_mend(wrong: str, mend: str) -> None:
    with pytest.raises(LicetError) as raised:
        policy(wrong)
    assert mend in raised.value.mend


def test_a_single_id_imports_no_parser() -> None:
    code = "import sys; from licet.licenses import policy; policy('mit'); print('license_expression' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
