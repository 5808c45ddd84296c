"""Which actions are there? The *released* actions that licenses speak of, and the sugar for commercial ones.

*Served* actions are not listed here: they are the release's own features by name, and `download`.
"""

from __future__ import annotations

from collections.abc import Mapping

ACTIONS: Mapping[str, str] = {  # the action -> what it means, in words that finish "May I ... it?"
    "use": "run the component, for myself or inside my organization",
    "reproduce": "make copies",
    "distribute": "give copies to others, changed or not, for money or not",
    "modify": "change it",
    "fine-tune": "train it further",
    "merge": "merge it with other weights",
    "quantize": "store it with fewer bits",
    "distill": "train another model to imitate it",
    "use-outputs": "use what it produces",
    "publish-outputs": "publish what it produces",
    "train-on-outputs": "train other models on what it produces",
    "host-as-service": "let others use it over a network",
    "sublicense": "grant others rights of my own choosing",
    "use-trademark": "use its name and marks",
    "remove-safety-filter": "take out its filters or guardrails",
}

# Asked as the action on the left, answered as the action on the right with `commercial = true`: clauses know only the fact.
SUGAR: Mapping[str, str] = {"commercial-use": "use", "sell": "distribute", "sell-outputs": "use-outputs"}

DOWNLOAD = "download"


def unsugared(action: str) -> tuple[str, dict[str, bool]]:
    """`commercial-use` -> (`use`, {commercial: True}); any other action comes back as it is, with no facts."""
    return (SUGAR[action], {"commercial": True}) if action in SUGAR else (action, {})
