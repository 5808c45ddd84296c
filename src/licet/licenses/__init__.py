"""What known licenses say: facts about texts that were read, each with its place. Never legal advice.

    >>> from licet.licenses import compare, compat, explain, known, may_license
    >>> explain("MIT").permissions
    ('commercial-use', 'modifications', 'distribution', 'private-use')

Sources: every sheet in `shelf/` names the text that was read and how. Errors: `LicetError` with a mend.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from licet.licenses.ask import may_license
    from licet.licenses.choose import Candidate, choose
    from licet.licenses.choose_wish import Wish
    from licet.licenses.compare import Comparison, compare
    from licet.licenses.compat import compat
    from licet.licenses.explain import Explanation, explain
    from licet.licenses.expression import ids, normalized, policy
    from licet.licenses.highlight import highlight
    from licet.licenses.identify import Identification, identify
    from licet.licenses.shelf import known, resolve, sheet

__all__ = [
    "Candidate",
    "Comparison",
    "Explanation",
    "Identification",
    "Wish",
    "choose",
    "compare",
    "compat",
    "explain",
    "highlight",
    "identify",
    "ids",
    "known",
    "may_license",
    "normalized",
    "policy",
    "resolve",
    "sheet",
]


class _Late:
    """A name of this room that is imported when it is first asked for, so that `licet may` pays for nothing else."""

    def __init__(self, home: str) -> None:
        self.home = home

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, room: object, owner: type) -> object:
        return getattr(import_module(self.home), self.name)

    def __set__(self, room: object, value: object) -> None:
        """`explain.py` holds `explain`: the import system would put the module where the function belongs."""


class _Room(ModuleType):
    may_license = _Late("licet.licenses.ask")
    Candidate = _Late("licet.licenses.choose")
    choose = _Late("licet.licenses.choose")
    Wish = _Late("licet.licenses.choose_wish")
    Comparison = _Late("licet.licenses.compare")
    compare = _Late("licet.licenses.compare")
    compat = _Late("licet.licenses.compat")
    Explanation = _Late("licet.licenses.explain")
    explain = _Late("licet.licenses.explain")
    highlight = _Late("licet.licenses.highlight")
    Identification = _Late("licet.licenses.identify")
    identify = _Late("licet.licenses.identify")
    ids = _Late("licet.licenses.expression")
    normalized = _Late("licet.licenses.expression")
    policy = _Late("licet.licenses.expression")
    known = _Late("licet.licenses.shelf")
    resolve = _Late("licet.licenses.shelf")
    sheet = _Late("licet.licenses.shelf")


sys.modules[__name__].__class__ = _Room
