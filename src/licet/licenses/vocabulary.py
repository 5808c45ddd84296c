"""From which kinds of clause is each action answered, and which actions stand together?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Root(NamedTuple):
    """The kinds that an action needs, all of them. `reserved`: by law the act is the holder's, so silence is no."""

    kinds: tuple[str, ...]
    reserved: bool = False


ROOTS: Final[Mapping[str, Root]] = {  # the one table from an action to the clauses that answer it
    "use": Root(("use",)),
    "reproduce": Root(("reproduce",), reserved=True),
    "distribute": Root(("distribute",), reserved=True),  # a changed version needs `modify` too, money needs `sell`
    "modify": Root(("modify",), reserved=True),
    "fine-tune": Root(("modify", "derivatives_finetune"), reserved=True),
    "merge": Root(("modify", "derivatives_finetune"), reserved=True),
    "quantize": Root(("modify",), reserved=True),
    "distill": Root(("train_other_models_on_outputs",)),
    "use-outputs": Root(("output_ownership",)),
    "publish-outputs": Root(("output_ownership",)),
    "train-on-outputs": Root(("train_other_models_on_outputs",)),
    "host-as-service": Root(("host_as_service",)),  # reserved where the sheet says that hosting is distribution
    "sublicense": Root(("sublicense",), reserved=True),
    "use-trademark": Root(("trademark",)),
    "remove-safety-filter": Root(("modify",), reserved=True),
}

CHANGES: Final = frozenset({"modify", "fine-tune", "merge", "quantize", "remove-safety-filter"})
RIGHTS: Final = CHANGES | {"use", "reproduce", "distribute", "host-as-service"}
OUTPUTS: Final = frozenset({"use-outputs", "publish-outputs"})
TRAINING: Final = frozenset({"train-on-outputs", "distill"})
GROUPS: Final[Mapping[str, frozenset[str]]] = {  # what a sheet's limit may write instead of a list of actions
    "rights": RIGHTS,
    "changes": CHANGES,
    "outputs": OUTPUTS,
    "training": TRAINING,
    "all": RIGHTS | OUTPUTS | TRAINING,
}

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU: Final = frozenset(_EU.split())  # the members since 2020-02-01
