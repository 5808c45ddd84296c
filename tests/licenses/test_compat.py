"""May a work that contains INBOUND go out under OUTBOUND? The pairs that people ask about, and the clause that decides."""

from __future__ import annotations

import pytest

from licet.errors import LicetError
from licet.licenses import compat
from licet.terms.verdict import Answer

SANA = "LicenseRef-nvidia-source-code-nc-sana-2024"
RAIL = "LicenseRef-scancode-bigscience-open-rail-m2"
LLAMA = "LicenseRef-scancode-llama-3.1-license-2024"

PAIRS = """
MIT               Apache-2.0         yes
MIT               proprietary        yes
MIT               CC-BY-SA-4.0       yes
Apache-2.0        MIT                yes
Apache-2.0        GPL-3.0-only       yes
Apache-2.0        GPL-2.0-only       no       Apache-2.0 §3
AFL-3.0           GPL-3.0-only       no       AFL-3.0 §6,9
BSD-3-Clause      GPL-2.0-only       yes
GPL-2.0-only      Apache-2.0         no       GPL-2.0-only §2(b)
GPL-2.0-only      GPL-3.0-only       no       GPL-2.0-only §2(b)
GPL-3.0-only      GPL-2.0-only       no       GPL-3.0-only §5(c)
GPL-3.0-only      AGPL-3.0-only      yes
AGPL-3.0-only     GPL-3.0-only       no       AGPL-3.0-only §5(c),13
GPL-3.0-only      proprietary        no       GPL-3.0-only §5(c)
GPL-3.0-only      GPL-3.0-or-later   no       GPL-3.0-only §5(c)
GPL-2.0-or-later  GPL-3.0-only       yes
GPL-2.0-or-later  GPL-3.0-or-later   yes
GPL-2.0-or-later  AGPL-3.0-only      yes
Apache-2.0        GPL-2.0-or-later   no       Apache-2.0 §3
MIT               GPL-2.0-or-later   yes
BSD-4-Clause      GPL-2.0-only       no       BSD-4-Clause §3
LPPL-1.3c         GPL-3.0-only       no       LPPL-1.3c §10(a)
Artistic-2.0      GPL-2.0-only       yes
EUPL-1.2          GPL-3.0-only       yes
EUPL-1.2          MIT                no       EUPL-1.2 §5
CECILL-2.1        GPL-2.0-only       yes
GFDL-1.3-only     GPL-3.0-only       no       GFDL-1.3-only §4
OFL-1.1           MIT                yes
CERN-OHL-S-2.0    CERN-OHL-P-2.0     no       CERN-OHL-S-2.0 §3.2,3.3(d)
CC-BY-SA-3.0      CC-BY-SA-4.0       yes
CC-BY-SA-4.0      CC-BY-SA-3.0       no       CC-BY-SA-4.0 §3(b)(1)
LGPL-2.1-only     proprietary        yes
LGPL-2.1-only     GPL-2.0-only       yes
LGPL-3.0-only     Apache-2.0         yes
MPL-2.0           Apache-2.0         yes
MPL-2.0           proprietary        yes
MPL-2.0           GPL-2.0-only       yes
EPL-2.0           GPL-2.0-only       depends
MS-PL             GPL-3.0-only       no       MS-PL §3(D)
SSPL-1.0          AGPL-3.0-only      no       SSPL-1.0 §5(c),13
CC-BY-4.0         CC-BY-NC-4.0       yes
CC-BY-NC-4.0      CC-BY-4.0          no       CC-BY-NC-4.0 §2(a)(1)(A)
CC-BY-NC-4.0      CC-BY-NC-4.0       yes
CC-BY-NC-4.0      proprietary        depends
CC-BY-SA-4.0      CC-BY-NC-SA-4.0    no       CC-BY-SA-4.0 §3(b)(1)
CC-BY-SA-4.0      GPL-3.0-only       yes
CC-BY-NC-SA-4.0   CC-BY-SA-4.0       no       CC-BY-NC-SA-4.0 §3(b)(1)
CC-BY-ND-4.0      CC-BY-ND-4.0       no       CC-BY-ND-4.0 §2(a)(1)(B)
BUSL-1.1          MIT                no       BUSL-1.1, Terms ¶4
Elastic-2.0       MIT                no       Elastic-2.0, Limitations
CC0-1.0           proprietary        yes
ODbL-1.0          CC-BY-4.0          depends  ODbL-1.0 §4.4
ODbL-1.0          ODbL-1.0           yes
"""


@pytest.mark.parametrize("pair", PAIRS.strip().splitlines())
def test_a_pair_is_judged_by_its_clauses(pair: str) -> None:
    inbound, outbound, answer, *cite = pair.split(maxsplit=3)
    verdict = compat(inbound, outbound)
    assert verdict.answer.name.lower() == answer
    if cite:
        assert verdict.because[0].cite == cite[0]


def test_a_promise_that_cannot_be_kept_is_no() -> None:
    for inbound, cite in ((SANA, "§3.3"), (LLAMA, "§2")):
        verdict = compat(inbound, "Apache-2.0")
        assert verdict.answer is Answer.NO
        assert verdict.because[0].cite == f"{inbound} {cite}"


def test_limits_that_must_go_along_stay_behind_under_a_license_without_them() -> None:
    assert compat(RAIL, "MIT").because[0].cite == f"{RAIL} §4(a),5"
    assert any(duty.duty.startswith("bind those who get it") for duty in compat(RAIL, "proprietary").duties)


def test_what_may_not_be_allowed_to_others_stays_behind_too() -> None:
    verdict = compat("LicenseRef-minimax-model-2025-01-15", "MIT")
    assert (verdict.answer, verdict.because[0].cite) == (
        Answer.NO,
        "LicenseRef-minimax-model-2025-01-15, Prohibited Uses Policy",
    )


def test_duties_of_the_part_stay_with_the_whole() -> None:
    assert [duty.cite for duty in compat("MIT", "proprietary").duties] == ["MIT, ¶2", "MIT, ¶2"]
    assert any("keep the changed files" in duty.duty for duty in compat("MPL-2.0", "proprietary").duties)


def test_of_an_inbound_choice_the_kinder_side_is_taken_and_an_outbound_one_must_hold_for_each() -> None:
    assert compat("GPL-3.0-only OR MIT", "proprietary").answer is Answer.YES
    assert compat("GPL-3.0-only AND MIT", "proprietary").answer is Answer.NO
    assert compat("GPL-3.0-only", "GPL-3.0-only OR MIT").answer is Answer.NO
    assert compat("MIT", "GPL-3.0-only OR Apache-2.0").answer is Answer.YES


def test_a_license_that_nobody_has_read_depends_on_that_on_either_side() -> None:
    assert compat("LicenseRef-Ours", "MIT").needs == {"read:LicenseRef-Ours.distribute"}
    assert compat("MIT", "LicenseRef-Ours").needs == {"read:LicenseRef-Ours.distribute"}
    assert compat("GPL-3.0-only", "LicenseRef-Ours").answer is Answer.NO


def test_an_exception_that_nobody_has_read_may_mend_a_no() -> None:
    assert compat("GPL-2.0-only WITH Classpath-exception-2.0", "proprietary").answer is Answer.DEPENDS


def test_a_misspelt_name_is_told_with_a_mend() -> None:
    with pytest.raises(LicetError, match="unknown license `MITT`"):
        compat("MITT", "MIT")
