"""Rules: pure functions from what a tree says (and its release, if there is one) to findings. One file each.

`NAMES` is the closed list of rules with one line each; `docs/check.md` has what, why and mend, and a test holds both to
each other. A finding of the `licet.toml` reader keeps the reader's own rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Final

from licet.errors import Finding
from licet.release.check.view import View

Rule = Callable[[View], Iterator[Finding]]

NAMES: Final[Mapping[str, str]] = {
    "contradiction": "two statements about one part name different licenses",
    "code-license-for-weights": "the license of the code is all that could be taken for the license of the weights",
    "no-license": "nothing says under which license a part goes out",
    "no-component": "files belong to no component of licet.toml",
    "license-copy": "a license asks for a copy of its text, and there is none",
    "accept-no-text": "a component asks for an acceptance of a text that is not there",
    "carried-no-text": "a tier carries a license whose text is not there",
    "upstream-terms": "the license of what this was made from does not allow this license",
    "upstream-undeclared": "a card or config names a base that licet.toml does not",
    "upstream-unknown": "the license of what this was made from is not known",
    "output-training": "a data set was made with a model whose license limits training on its outputs",
    "incompatible": "a part inside may not go out under the license of the whole",
    "naming-duty": "a license asks for words to be shown, and they are not",
    "name-prefix": "a license asks for the beginning of the name, and the name begins otherwise",
    "attribution": "what this was made from is named nowhere",
    "state-changes": "if what this was made from was changed, nothing says so",
    "leak": "something proprietary lies among what goes out",
    "nothing-kept": "a proprietary component keeps no file back",
    "link-outside": "a symbolic link leads out of the release",
    "unreadable": "a file could not be looked into",
    "altered-license": "a license text differs from the license that it looks like",
    "license-by-name": "a license file names a license and does not hold its text",
    "license-unread": "a license file holds a text that nobody here has read",
    "changeable-policy": "terms hang on a policy that the licensor may change",
    "policy-beside-license": "a use policy stands beside a license that bars no use",
    "license-by-link": "the license is only a link, and what a link shows can change",
    "alarm": "a clause of a kind that drew backlash",
    "tier-past-license": "a tier gives what a license upstream does not allow",
    "secret": "something that looks like a secret",
    "contributions": "contributions come in under terms that do not cover what is done with them",
    "unheld-clause": "the gate cannot hold a clause, because nobody is asked for its fact",
    "ignore-without-reason": "an ignore comment gives no reason",
    "ignore-unused": "an ignore comment that nothing needs",
}
_FILES: Final = (
    "contradiction", "missing", "upstream", "outputs", "incompatible", "copies", "duties", "leak", "altered", "policy", "alarm",
    "tier", "secret", "contributions", "unheld",
)  # fmt: skip


def every_rule() -> Iterator[Rule]:
    """All rules, in the order in which they are told."""
    for name in _FILES:
        yield import_module(f"licet.release.check.rules.{name}").find
