"""How could a clause that drew backlash keep its aim with gentler words? One wording a kind of alarm, ours, not quoted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# alarm -> what the licensor usually wants by it, and terms that get there with less harm
GENTLER: Final[Mapping[str, tuple[str, str]]] = {
    "non-commercial": (
        "to be paid by those who earn with it",
        "open everything and sell what takes work (hosting, support, the newest weights early); or say who pays, from which "
        "revenue on, and give a date on which it opens (`change_date`)",
    ),
    "commercial-use-conditional": (
        "to know who earns with it",
        "let commerce begin at once and ask for one e-mail within 30 days, instead of asking for leave before",
    ),
    "field-of-use": (
        "to prevent harm",
        "name few, narrow harms that a court would know, in the license itself; leave the rest to law and to advice in the card",
    ),
    "size-threshold": (
        "to be paid by the largest",
        "say whose users or revenue count, on which day, and what it costs above; keep rights already in use for a year",
    ),
    "hardware-lock": (
        "to support the maker's own devices",
        "recommend the hardware and publish its figures; do not make another one a breach",
    ),
    "user-or-geography-exclusion": (
        "to avoid the duties of a place",
        "say that you do not offer it there yourself, and leave users there to their own law",
    ),
    "no-compete": (
        "to keep others from selling your own service against you",
        "bar one thing, offering the work itself as a paid service, for two years per version, and open it then",
    ),
    "no-hosting": (
        "to keep hosting as your income",
        "allow hosting for oneself and one's customers' own products; ask for a paid license only to sell it as a bare API",
    ),
    "output-training-limits": (
        "to keep others from copying the model through its outputs",
        "ask that models trained on outputs say so, instead of barring them: nobody can tell afterwards, and research needs it",
    ),
    "output-restrictions": (
        "to keep harm out of what is made",
        "say plainly that outputs belong to whoever makes them, and put each limit on outputs in one list in one place",
    ),
    "licensor-owns-outputs": (
        "to have a say in what is made",
        "claim nothing in outputs; ask for a note that they were made with the model",
    ),
    "mandatory-branding": (
        "to be known",
        "ask for one line in the documentation, not for the product's name or its front page",
    ),
    "changeable-use-policy": (
        "to answer new harms",
        "fix the policy by date; let a new one bind new versions only, with 90 days of notice",
    ),
    "unilateral-change": (
        "to mend mistakes",
        "let a new edition be chosen, never imposed: whoever has a version keeps the terms it came under",
    ),
    "remote-control-or-update-duty": (
        "to get fixes to users",
        "ask for notice of known dangers to be passed on; do not make an old version a breach",
    ),
    "revocable-at-will": (
        "to have a way out",
        "end rights only for a breach, after 30 days to cure it; what was built in good faith stays",
    ),
    "stated-revocable": (
        "to be able to stop abuse",
        "say irrevocable except for a breach that is not cured within 30 days",
    ),
    "indemnity": (
        "not to pay for what others do",
        "exclude your own liability; do not ask users to pay for claims against you",
    ),
    "flow-down": (
        "to keep limits alive downstream",
        "put the limits into the license that travels with the files; ask for no contract with every recipient",
    ),
    "strong-copyleft": (
        "to get improvements back",
        "let copyleft reach the changed files or the model alone, and say in plain words that services around it stay free",
    ),
    "filter-lock": (
        "to keep safety filters in use",
        "ask those who serve the public to run a filter of their choice; leave research free to study the model without",
    ),
}
