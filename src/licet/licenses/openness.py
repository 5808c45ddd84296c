"""How open is a license, in one word? Nine classes, each by a rule on the sheet, the most open that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from licet.licenses.shelf import Sheet

CLASSES: Final[Mapping[str, str]] = {
    "osi-approved": "open source: approved by the Open Source Initiative",
    "fsf-free": "free: on the Free Software Foundation's list of free licenses",
    "open": "as open as the listed ones by its text, though on neither list",
    "open-weights": "open weights only: anyone may get and change it, not everyone may do everything with it",
    "source-available": "source-available: open to read, with limits on who may do what with it",
    "non-commercial": "open for anything but commerce",
    "research-only": "for research or evaluation only",
    "proprietary": "proprietary: not to be handed on, or not said that it may be",
    "unknown": "nobody has read the text, or not the part that would tell",
}

_BARS: Final = (
    "field_of_use_restrictions",
    "revenue_or_mau_threshold",
    "hardware_lock",
    "user_geography_exclusion",
    "no_compete",
)
_FREEDOMS: Final = ("use", "commercial_use", "modify", "distribute")


def openness(sheet: Sheet) -> str:
    """The class of a sheet, a key of `CLASSES`."""
    if sheet.osi:
        return "osi-approved"
    if sheet.fsf:
        return "fsf-free"
    if _all_free(sheet) and not sheet.family.startswith("source-available"):
        return "open"
    if sheet["commercial_use"].value == "no":
        return "research-only" if _only_for_research(sheet) else "non-commercial"
    if sheet.family.startswith("source-available"):
        return "source-available"
    if "unknown" in (sheet["distribute"].value, sheet["use"].value):
        return "unknown"
    if sheet["distribute"].value in ("no", "silent"):
        return "proprietary"
    return "open-weights" if _for_models(sheet) else "source-available"


def _all_free(sheet: Sheet) -> bool:
    granted = all(sheet[kind].value == "yes" for kind in _FREEDOMS)
    return sheet.scope == "unrestricted" and granted and all(sheet[kind].value == "none" for kind in _BARS)


def _only_for_research(sheet: Sheet) -> bool:
    """Does a limit of the sheet shut out every purpose but research and evaluation?"""
    narrow = {"research", "evaluation"}
    return any(
        name == "purpose" and ((test == "is not" and value in narrow) or (test == "not in" and set(value) <= narrow))
        for limit in sheet.limits
        if limit.says == "cannot"
        for name, test, value in limit.when
    )


def _for_models(sheet: Sheet) -> bool:
    """Was it written for models (and not for anything, models among it)?"""
    return sheet.family.startswith(("model", "rail", "permissive"))
