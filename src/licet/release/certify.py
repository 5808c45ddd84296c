"""What does a certificate promise? The licensor's own words where he gave them, else what is known of the license.

Pure: `portal/certificates` signs what comes out, and a way to a yes can be tried with it before anybody pays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from licet.release.lent import terms_of
from licet.release.level import Step
from licet.release.release import Promise, Release
from licet.release.weigh import Way
from licet.terms import AllOf, AnyOf, Clause, Policy, Says, Terms


def promised(release: Release, license: str) -> Policy:
    """The terms that a certificate for this license carries, with cites that name the document for ever."""
    promise = release.promise(license)
    if promise is None:
        return _coded(terms_of(license))
    here = release.cite(promise.line, newest=False)
    can = Clause(Says.CAN, frozenset(promise.can), code="license_forbids", cite=here)
    duties = tuple(Clause(Says.MUST, frozenset(promise.can), duty=duty, cite=here) for duty in promise.must)
    return Terms(license, (can, *duties))


def _coded(policy: Policy) -> Policy:
    """A refusal by a license carries `license_forbids`, as everywhere."""
    match policy:
        case AllOf(of):
            return AllOf(tuple(map(_coded, of)))
        case AnyOf(of):
            return AnyOf(tuple(map(_coded, of)))
        case Terms(name, clauses):
            coded = (c if c.code or c.says is Says.MUST else replace(c, code="license_forbids") for c in clauses)
            return Terms(name, tuple(coded))


def steps(old: Release, new: Release) -> Iterator[Step]:
    """How promises differ between two documents, for `diff.py`: seen by the tiers that carry the license."""
    for license in dict.fromkeys(p.license for p in (*old.promises, *new.promises)):
        before, after = old.promise(license), new.promise(license)
        if (before and (before.can, before.must)) == (after and (after.can, after.must)):
            continue
        for tier in dict.fromkeys(t.name for r in (old, new) for t in r.tiers if license in t.licenses.values()):
            lines = (before.line if before else None, after.line if after else None)
            yield Step(f"the certificate of {license}", tier, _way(before, after), _says(before, after), *lines)


def _way(before: Promise | None, after: Promise | None) -> Way:
    if before is None or after is None:
        return "other"  # the licensor's own words in the place of what is known of the text, or the other way round
    more = set(after.can) - set(before.can) or set(before.must) - set(after.must)
    less = set(before.can) - set(after.can) or set(after.must) - set(before.must)
    return "other" if bool(more) is bool(less) else "looser" if more else "stricter"


def _says(before: Promise | None, after: Promise | None) -> str:
    if before is None or after is None:
        return "is told by the licensor himself" if before is None else "is no longer told by the licensor himself"
    told = [f"no longer allows `{a}`" for a in before.can if a not in after.can]
    told += [f"allows `{a}`" for a in after.can if a not in before.can]
    told += [f"asks “{d}”" for d in after.must if d not in before.must]
    told += [f"no longer asks “{d}”" for d in before.must if d not in after.must]
    return ", ".join(told)
