"""What stands in a CycloneDX 1.6 bill of materials? The open components, models with their card (ML-BOM)."""

from __future__ import annotations

import json
import uuid
from typing import Any, Final
from urllib.parse import quote

from licet.release.publish.told import answers, open_components, rfc3339
from licet.release.release import Component, Kind, Release
from licet.terms import Answer

NAME: Final = "sbom.cdx.json"
_TYPE: Final[dict[Kind, str]] = {
    "code": "library",
    "weights": "machine-learning-model",
    "adapter": "machine-learning-model",
    "data": "data",
    "docs": "file",
    "service": "application",
}


def cyclonedx(release: Release, now_s: int) -> str:
    """The bill of materials as JSON, for the schema of version 1.6. What stays in is not in it."""
    components = open_components(release, now_s)
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:licet:{release.sha256}')}",
        "version": 1,
        "metadata": {
            "timestamp": rfc3339(now_s),
            "tools": {"components": [{"type": "application", "name": "licet"}]},
            "component": {
                "type": "application",
                "bom-ref": release.name,
                "name": release.name,
                "version": release.version,
            },
            "supplier": _supplier(release),
        },
        "components": [_component(release, c, license, now_s) for c, license in components],
        "dependencies": [
            {"ref": release.name, "dependsOn": sorted(_ref(c) for c, _ in components)},
            *({"ref": _ref(c)} for c, _ in components),
        ],
    }
    return json.dumps(bom, indent=2, ensure_ascii=False) + "\n"


def _supplier(release: Release) -> dict[str, Any]:
    contact = [{"email": release.contact}] if "@" in release.contact and " " not in release.contact else []
    return {"name": release.licensor, **({"contact": contact} if contact else {})}


def _ref(component: Component) -> str:
    return f"component:{quote(component.name, safe='')}"  # never the release's own ref


def _component(release: Release, one: Component, license: str, now_s: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": _TYPE[one.kind],
        "bom-ref": _ref(one),
        "name": one.name,
        "version": release.version,
        "licenses": _licenses(license),
        "supplier": _supplier(release),
    }
    if one.description:
        told["description"] = one.description
    if one.upstream:
        told["pedigree"] = {
            "ancestors": [
                {
                    "type": _TYPE[one.kind],
                    "bom-ref": f"{_ref(one)}/upstream/{n}",
                    "name": upstream.name,
                    "licenses": _licenses(upstream.license),
                }
                for n, upstream in enumerate(one.upstream)
            ]
        }
    if one.kind in ("weights", "adapter"):
        told["modelCard"] = _card(release, one, now_s)
    if one.kind == "data":
        told["data"] = [{"type": "dataset", "name": one.name}]
    return told


def _licenses(expression: str) -> list[dict[str, Any]]:
    """Always as an expression: the schema's list of single ids is older than some licenses."""
    return [{"expression": expression}]


def _card(release: Release, one: Component, now_s: int) -> dict[str, Any]:
    """What the terms keep people from, as the limits of the model's use."""
    refused = [
        f"{words}: no ({v.because[0].cite})" for words, v in answers(release, one, now_s) if v.answer is Answer.NO
    ]
    considerations = {"technicalLimitations": refused} if refused else {}
    return {"bom-ref": f"{_ref(one)}/card", **({"considerations": considerations} if considerations else {})}
