"""What does a certificate change in an answer? It is terms of its own, joined by AnyOf to the component's license.

So it only ever opens: where it is taken away, exactly the answer from before it stands.
"""

from __future__ import annotations

from licet.certificate.certificate import Certificate
from licet.terms import CLOCK, AllOf, Clause, Fact, Policy, Says, Terms


def policy(certificate: Certificate) -> Policy:
    """For its component, in its time, what its license says. The first reason of a yes is the certificate."""
    when = [Fact(CLOCK, ">", certificate.from_s - 1)]
    if certificate.until_s is not None:
        when.append(Fact(CLOCK, "<=", certificate.until_s - 1))
    here = cite(certificate)
    held = Clause(Says.CAN, None, frozenset({certificate.component}), None, tuple(when), "", "license_forbids", here)
    return AllOf((Terms(here, (held,)), certificate.terms))


def cite(certificate: Certificate) -> str:
    return f"certificate {certificate.id}"
