"""Which kinds of clause does a sheet answer, with which values, and what does each kind make somebody do?

Thirty-eight kinds. `silent` and `none`: the text was read and has no such clause. `unknown`: nobody has read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_GRANT = ("yes", "conditional", "no", "silent", "unknown")
_DUTY = ("required", "conditional", "none", "unknown")
_LIMIT = ("present", "none", "unknown")


class Kind(NamedTuple):
    """One kind of clause: what it is called in a sentence, and the values it may have (() for free text)."""

    words: str
    values: tuple[str, ...]


RIGHTS: Mapping[str, Kind] = {
    "use": Kind("run and use it", _GRANT),
    "commercial_use": Kind("use it commercially", _GRANT),
    "reproduce": Kind("make copies", _GRANT),
    "distribute": Kind("give copies to others", _GRANT),
    "modify": Kind("change it", _GRANT),
    "derivatives_finetune": Kind("make derivatives, fine-tunes among them", _GRANT),
    "train_other_models_on_outputs": Kind("train other models on its outputs", _GRANT),
    "sublicense": Kind("sublicense it", _GRANT),
    "sell": Kind("sell copies", _GRANT),
    "host_as_service": Kind("offer it to others over a network", _GRANT),
    "patent_grant": Kind("use the licensor's patents that it needs", ("yes", "no", "silent", "unknown")),
    "trademark": Kind("use its name and marks", ("no-grant", "limited-grant", "silent", "unknown")),
}
DUTIES: Mapping[str, Kind] = {
    "attribution": Kind("keep the notices that name its authors", _DUTY),
    "notice_license_copy": Kind("pass on a copy of the license", _DUTY),
    "state_changes": Kind("say what you changed", _DUTY),
    "disclose_source": Kind("hand out the source", _DUTY),
    "same_license": Kind(
        "put what you make from it under the same license",
        ("none", "file", "library", "work", "network", "service-stack", "derivatives", "data", "unknown"),
    ),
    "naming_branding": Kind("show the name that it asks for", _DUTY),
    "pass_restrictions_downstream": Kind("bind those who get it from you to its limits", _DUTY),
    "indemnity": Kind("pay for claims that others make against the licensor", _DUTY),
    "acceptable_use_policy": Kind(
        "keep to its use policy", ("none", "inline", "inline-changeable", "by-url", "by-url-changeable", "unknown")
    ),
}
LIMITS: Mapping[str, Kind] = {
    "field_of_use_restrictions": Kind("barred fields of use", _LIMIT),
    "revenue_or_mau_threshold": Kind("a threshold of size", _LIMIT),
    "hardware_lock": Kind("a lock to certain hardware", _LIMIT),
    "user_geography_exclusion": Kind("excluded users or places", _LIMIT),
    "no_compete": Kind("a ban on competing", _LIMIT),
    "output_restrictions": Kind("limits on outputs", _LIMIT),
    "remote_disable_or_update_duty": Kind("remote control or duties to update", _LIMIT),
}
ABOUT: Mapping[str, Kind] = {  # what the text says of itself: explained and compared, never asked for an action
    "research_medical_or_other_exceptions": Kind("exceptions", _LIMIT),
    "change_date_delayed_opening": Kind("a date on which it opens", _LIMIT),
    "output_ownership": Kind(
        "ownership of outputs",
        ("licensee", "licensor", "licensor-claims-none", "not-covered", "silent", "unknown"),
    ),
    "patent_retaliation": Kind(
        "loss of rights after a patent suit", ("none", "patent-license", "whole-license", "unknown")
    ),
    "revocability": Kind("revocability", ("irrevocable", "revocable", "at-will", "silent", "unknown")),
    "termination": Kind("termination", ("auto-on-breach", "licensor-on-breach", "at-will", "none", "unknown")),
    "unilateral_change_of_terms": Kind(
        "change of the terms by the licensor alone", ("present", "new-version-optional", "none", "unknown")
    ),
    "warranty": Kind("warranty", ("disclaimed", "partly-given", "silent", "unknown")),
    "liability": Kind("liability", ("excluded", "capped", "silent", "unknown")),
    "governing_law": Kind("governing law", ()),
}
KINDS: Mapping[str, Kind] = {**RIGHTS, **DUTIES, **LIMITS, **ABOUT}

SCOPES = ("unrestricted", "field-limited", "purpose-limited", "threshold-limited", "unknown")
UNSAID = ("silent", "none")  # read, and nothing found
