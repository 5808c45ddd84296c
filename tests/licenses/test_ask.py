"""Is a question to a license put as it was meant, and refused with a mend where it cannot be?"""

from __future__ import annotations

import pytest

from licet.errors import LicetError
from licet.licenses import may_license
from licet.terms.verdict import Answer


def test_sugar_is_the_plain_action_asked_with_commerce() -> None:
    assert may_license("commercial-use", "CC-BY-NC-4.0") == may_license(
        "use", "CC-BY-NC-4.0", facts={"commercial": True}
    )


def test_a_claim_that_is_a_question_tells_its_fact() -> None:
    license = "PolyForm-Noncommercial-1.0.0"
    assert may_license("commercial-use", license).answer is Answer.NO
    assert may_license("commercial-use", license, claims=["academic"]).answer is Answer.YES
    assert may_license("commercial-use", license, claims=["tier:premium"]).answer is Answer.NO


def test_the_component_is_free_to_name_and_a_license_speaks_of_all() -> None:
    assert may_license("use", "MIT", component="weights") == may_license("use", "MIT")


@pytest.mark.parametrize(
    ("action", "facts", "mend"),
    [
        ("comercial-use", {}, "did you mean `commercial-use`?"),
        ("fly", {}, "known: use"),
        ("use", {"comercial": True}, "did you mean `commercial`?"),
        ("use", {"commercial": "yes"}, "it is true or false"),
        ("use", {"monthly_active_users": True}, "it is a whole number"),
        ("use", {"purpose": "fun"}, "it is research | evaluation | production | personal"),
        ("use", {"read:MIT.use": True}, "known: commercial"),
        ("sell", {"commercial": False}, "ask for `distribute`"),
    ],
)
def test_what_cannot_be_asked_is_told_with_a_mend(action: str, facts: dict[str, object], mend: str) -> None:
    with pytest.raises(LicetError) as raised:
        may_license(action, "MIT", facts=facts)  # type: ignore[arg-type]
    assert mend in raised.value.mend
