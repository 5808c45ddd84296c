"""Which clauses are of a kind that drew backlash, and what happened then?

An alarm is no judgement of the license: it says that a clause of this kind is in the text, where, and which documented
case it recalls. Each case is told in our words, with the place where it can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from licet.licenses.shelf import Sheet


@dataclass(frozen=True, slots=True)
class Alarm:
    """A clause of a kind that drew complaints: `kind`, its `cite`, the `case` it recalls and that case's `source`."""

    kind: str
    cite: str
    case: str
    source: str


@dataclass(frozen=True, slots=True)
class _Bell:
    """`clause`: the kind of clause it hangs on. `rings`: for which values; a callable where the value is not enough."""

    clause: str
    rings: tuple[str, ...]
    case: str
    source: str
    but: Callable[[Sheet], bool] = lambda sheet: True


# Fields of use that are trade alone have clauses, and alarms, of their own: one cause is told of once.
_TRADE: Final = (
    "commerc", "compet", "business", "company", "production", "research", "service", "internal", "revenue", "fee",
    "third parties", "evaluation",
)  # fmt: skip


def bars_harm(sheet: Sheet) -> bool:
    """Does a sheet bar uses for the harm they do, and not only commerce, competitors or production?"""
    items = sheet["field_of_use_restrictions"].items
    harms = [item for item in items if not any(word in item.lower() for word in _TRADE)]
    return bool(harms) or sheet["acceptable_use_policy"].value not in ("none", "unknown")


_GITHUB: Final = "https://github.com/"
_HUB: Final = "https://huggingface.co/"

BELLS: Final[Mapping[str, _Bell]] = {
    "non-commercial": _Bell(
        "commercial_use",
        ("no",),
        "SANA, 2024-25: code and weights went out under non-commercial terms; questions about selling "
        "images and models went on for a year, and the code was moved to Apache-2.0.",
        _GITHUB + "NVlabs/Sana/issues/81",
    ),
    "commercial-use-conditional": _Bell(
        "commercial_use",
        ("conditional",),
        "Yi, 2023-24: commercial use only after registration; half a year later everything was put under Apache-2.0.",
        _GITHUB + "01-ai/Yi",
    ),
    "field-of-use": _Bell(
        "field_of_use_restrictions",
        ("present",),
        "OpenRAIL, 2022: SPDX did not list it, because a license that bars fields of use is not open source to its "
        "reviewers.",
        _GITHUB + "spdx/license-list-XML/issues/1622",
        lambda sheet: bars_harm(sheet) or not sheet["field_of_use_restrictions"].items,
    ),
    "size-threshold": _Bell(
        "revenue_or_mau_threshold",
        ("present",),
        "Llama 2, 2023: with its threshold of 700 million users it was no longer called open source, and companies "
        "asked who is counted.",
        _GITHUB + "meta-llama/llama/issues/855",
    ),
    "hardware-lock": _Bell(
        "hardware_lock",
        ("present",),
        "SANA, 2024: its first code license allowed use on one maker's processors only; it was replaced by Apache-2.0 "
        "seven weeks later.",
        _GITHUB + "NVlabs/Sana/issues/21",
    ),
    "user-or-geography-exclusion": _Bell(
        "user_geography_exclusion",
        ("present",),
        "HunyuanVideo, 2024: the European Union, the United Kingdom and South Korea were shut out, outputs included; "
        "users there still ask, and the terms stand.",
        _GITHUB + "Tencent-Hunyuan/HunyuanVideo/issues/206",
    ),
    "no-compete": _Bell(
        "no_compete",
        ("present",),
        "HashiCorp, 2023: after the move from MPL-2.0 to a license against competitors, the fork OpenTofu was founded "
        "at the Linux Foundation.",
        "secondary: sovereignty-gap.eu, safeguard.sh",
    ),
    "no-hosting": _Bell(
        "host_as_service",
        ("no",),
        "Redis, 2024: a license against hosting by others led to the fork Valkey within days; an open license was "
        "added back later.",
        "secondary: remainingproblems.com",
    ),
    "output-training-limits": _Bell(
        "train_other_models_on_outputs",
        ("no", "conditional"),
        "Llama 2 and 3, 2023-24: no other language model might be improved with outputs; Llama 3.1 dropped the ban.",
        _GITHUB + "meta-llama/llama3/issues/156",
    ),
    "output-restrictions": _Bell(
        "output_restrictions",
        ("present",),
        "FLUX.1 [dev], 2024-25: one clause allowed commercial outputs and another counted them as commercial use; "
        "sellers of images still ask.",
        _GITHUB + "black-forest-labs/flux/issues/460",
    ),
    "licensor-owns-outputs": _Bell(
        "output_ownership",
        ("licensor",),
        "EXAONE, 2024: the licensor owns what the model writes; no other text on this shelf claims that.",
        "the text itself",
    ),
    "mandatory-branding": _Bell(
        "naming_branding",
        ("required", "conditional"),
        "Kimi K2, 2025: an MIT license with a duty to show the model's name; whether it may be called MIT is debated.",
        _GITHUB + "aboutcode-org/scancode-toolkit/issues/4600",
        lambda sheet: bool(sheet["naming_branding"].items),
    ),
    "changeable-use-policy": _Bell(
        "acceptable_use_policy",
        ("by-url-changeable", "inline-changeable"),
        "Stability AI, 2025: the use policy behind a link became stricter, and models under older, fixed licenses were "
        "the safer choice.",
        "https://www.reddit.com/r/StableDiffusion/comments/1lu0brm/",
    ),
    "unilateral-change": _Bell(
        "unilateral_change_of_terms",
        ("present",),
        "Falcon 180B, 2023: its policy may be updated at any time; users saw a step back from the "
        "Apache-2.0 of Falcon 40B.",
        _HUB + "tiiuae/falcon-180B/discussions/4",
    ),
    "remote-control-or-update-duty": _Bell(
        "remote_disable_or_update_duty",
        ("present",),
        "CreativeML Open RAIL-M, 2022: the duty to use the latest version was called dangerous; the next edition, "
        "weeks later, did without.",
        _GITHUB + "huggingface/hub-docs/issues/490",
    ),
    "revocable-at-will": _Bell(
        "revocability",
        ("at-will",),
        "FLUX.1 [dev], 2024: the licensor may end it at any notice, while many derived works were labelled Apache-2.0.",
        _GITHUB + "River-Zhang/ICEdit/issues/5",
    ),
    "stated-revocable": _Bell(
        "revocability",
        ("revocable",),
        "Stable Diffusion 3, 2024: a revocable license that reached models trained on outputs; a large model site "
        "banned all of it until the terms were rewritten three weeks later.",
        "https://civitai.com/articles/5732",
    ),
    "indemnity": _Bell(
        "indemnity",
        ("required",),
        "NVIDIA Open Model License, 2025-26: indemnity, unilateral updates and an end of rights at once were "
        "criticised; a shorter text without them followed and was welcomed.",
        "secondary: insights.marvin-42.com",
    ),
    "flow-down": _Bell(
        "pass_restrictions_downstream",
        ("required",),
        "Gemma, 2024-26: every recipient must be bound to the terms; makers of apps asked how. Gemma 4 came under "
        "Apache-2.0.",
        _HUB + "google/gemma-7b/discussions/122",
    ),
    "strong-copyleft": _Bell(
        "same_license",
        ("work", "network", "service-stack"),
        "Elastic, 2021-24: a license that reaches the whole service brought the fork OpenSearch; an open license, the "
        "AGPL, was added in 2024.",
        "secondary; its dates stand in https://github.com/meta-llama/llama3/issues/156",
    ),
    "filter-lock": _Bell(
        "output_restrictions",
        ("present",),
        "DeepFloyd IF, 2023: filters might not be taken out; users called the clause not acceptable, and it "
        "still stands.",
        _GITHUB + "deep-floyd/IF/issues/22",
        lambda sheet: any("filter" in item for item in sheet["output_restrictions"].items),
    ),
}


def alarms(sheet: Sheet) -> tuple[Alarm, ...]:
    """Every alarm that a sheet rings, in a fixed order, each with the cite of its clause."""
    return tuple(
        Alarm(kind, sheet.cite(reading.section), bell.case, bell.source)
        for kind, bell in BELLS.items()
        if (reading := sheet[bell.clause]).value in bell.rings and bell.but(sheet)
    )
