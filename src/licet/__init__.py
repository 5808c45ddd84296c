"""Licet: may WHO do WHAT with WHICH COMPONENT, and why?

>>> import licet
>>> licet.may("sell", "CC-BY-NC-4.0").answer
<Answer.NO: 0>
>>> licet.explain("MIT").openness
'osi-approved'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:  # nothing is imported before it is asked for
    from collections.abc import Callable, Iterable, Mapping

    from licet.errors import LicetError, Refused
    from licet.licenses import Wish, choose, compare, compat, explain, identify
    from licet.release.release import Release
    from licet.terms import Answer, Policy, Verdict
    from licet.terms.clause import Scalar

__all__ = [
    "Answer",
    "LicetError",
    "Refused",
    "Verdict",
    "Wish",
    "choose",
    "compare",
    "compat",
    "explain",
    "feature",
    "identify",
    "may",
]

_HOMES = {  # where each name lives; imported when it is first asked for
    "LicetError": "licet.errors",
    "Refused": "licet.errors",
    "Answer": "licet.terms",
    "Verdict": "licet.terms",
    "explain": "licet.licenses",
    "compare": "licet.licenses",
    "compat": "licet.licenses",
    "identify": "licet.licenses",
    "choose": "licet.licenses",
    "Wish": "licet.licenses",
}


def may(
    action: str,
    of: str | Release | Policy,
    *,
    component: str | None = None,
    claims: Iterable[str] = (),
    facts: Mapping[str, Scalar] | None = None,
) -> Verdict:
    """May somebody with these claims (`["tier:premium"]`) and facts (`{"commercial": True}`) do this action?

    `of` is a license id, an SPDX expression, a release or a policy. `action` is a word of `licet.terms.action`
    (`commercial-use`, `sell`, `sell-outputs` among them); of a release also a feature's name or `download`. Without
    `component` all components of a release are asked, and all must allow it. The clock is read unless `facts` has
    `now_s`. LicetError, with the nearest word as the mend, for what is not known.
    """
    from licet.access.ask import verdict

    return verdict(action, of, component, claims, facts or {})


MARK = "__licet_feature__"


@overload
def feature[F: Callable[..., object]](named: F, /) -> F: ...
@overload
def feature[F: Callable[..., object]](named: str, /) -> Callable[[F], F]: ...
def feature(named: Callable[..., object] | str, /) -> object:
    """Mark a function as a feature: `@feature`, or `@feature("basic-analysis")` where its own name is not the feature's.

    The function stays as it is. In licet.toml `call = "package.module"` then finds it by the feature's name; its type
    hints say what callers may send, `async` that it runs in the server's loop.
    """
    if isinstance(named, str):
        return lambda function: _mark(function, named)
    return _mark(named, getattr(named, "__name__", ""))


def _mark[F](function: F, name: str) -> F:
    if not callable(function) or not name:
        raise TypeError('@feature stands above a function, or names it: @feature("basic-analysis")')
    setattr(function, MARK, name)
    return function


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'licet' has no attribute '{name}'")


def __dir__() -> list[str]:
    """What `help` and completion show: also what is not imported yet."""
    return sorted({*globals(), *__all__})
