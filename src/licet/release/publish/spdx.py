"""What stands in an SPDX 3.0.1 bill of materials? The open components as packages, with the AI and dataset profiles.

JSON-LD in the form that the SPDX context gives names to. Times are those of the build's day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from licet.licenses.expression import ids
from licet.release.publish.told import joined, open_components, rfc3339
from licet.release.release import Component, Kind, Release

NAME: Final = "sbom.spdx.json"
CONTEXT: Final = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
_INFO: Final = "_:creation"
_PURPOSE: Final[dict[Kind, str]] = {
    "code": "source",
    "weights": "model",
    "adapter": "model",
    "data": "data",
    "docs": "documentation",
    "service": "application",
}
_MODEL: Final = ("weights", "adapter")


def spdx(release: Release, now_s: int, *, url: str = "") -> str:
    """The bill of materials as JSON-LD. `url` is where the release can be got, where there is such a place.

    What stays in is not in it. What nobody said (the type of a dataset, where it can be got) is said to be unknown.
    """
    made = _Made(release, now_s, url or "NOASSERTION")
    return json.dumps({"@context": CONTEXT, "@graph": list(made.graph())}, indent=2, ensure_ascii=False) + "\n"


class _Made:
    def __init__(self, release: Release, now_s: int, url: str) -> None:
        self.release, self.now_s, self.url = release, now_s, url
        # An IRI that nobody else makes and that is the same for the same document.
        self.base = f"urn:licet:{release.name}:{release.sha256[:32]}"
        self.time = rfc3339(now_s) or ""
        self.found: list[dict[str, Any]] = []

    def graph(self) -> Iterator[dict[str, Any]]:
        licensor = self.id("licensor")
        yield {
            "@id": _INFO,
            "type": "CreationInfo",
            "specVersion": "3.0.1",
            "created": self.time,
            "createdBy": [licensor],
            "createdUsing": [self.id("tool")],
        }
        yield self.element("licensor", "Agent", name=self.release.licensor)
        yield self.element("tool", "Tool", name="licet")
        roots = []
        for component, license in open_components(self.release, self.now_s):
            roots.append(self.package(component))
            self.licensed(roots[-1], component.name, license, joined(component, license))
            for n in range(len(component.upstream)):
                self.upstream(roots[-1], component, n)
        yield from self.found
        kinds = {c.kind for c, _ in open_components(self.release, self.now_s)}
        profiles = ["core", "software", "simpleLicensing"]
        profiles += ["ai"] if kinds & set(_MODEL) else []
        profiles += ["dataset"] if "data" in kinds else []
        elements = [licensor, self.id("tool"), *(e["spdxId"] for e in self.found)]
        about = {"rootElement": roots, "element": elements, "profileConformance": profiles}
        name = f"{self.release.name} {self.release.version}"
        yield self.element("sbom", "software_Sbom", name=name, software_sbomType=["source"], **about)
        document = {**about, "rootElement": [self.id("sbom")], "element": [*elements, self.id("sbom")]}
        yield self.element("document", "SpdxDocument", name=name, **document)

    def id(self, *parts: str) -> str:
        return ":".join((self.base, *(quote(part, safe="") for part in parts)))

    def element(self, *parts: str, **told: Any) -> dict[str, Any]:
        """The last part is the type, those before it make the id."""
        *place, kind = parts
        known = {key: value for key, value in told.items() if value not in ("", [], None)}
        return {"type": kind, "spdxId": self.id(*place), "creationInfo": _INFO, **known}

    def package(self, one: Component) -> str:
        kind = "software_Package"
        more: dict[str, Any] = {}
        if one.kind in _MODEL:
            kind = "ai_AIPackage"
        elif one.kind == "data":
            kind = "dataset_DatasetPackage"
            more = {
                "dataset_datasetType": ["noAssertion"],
                "originatedBy": [self.id("licensor")],
                "builtTime": self.time,
            }
        package = self.element(
            "component",
            one.name,
            kind,
            name=one.name,
            description=one.description,
            software_packageVersion=self.release.version,
            software_primaryPurpose=_PURPOSE[one.kind],
            software_downloadLocation=self.url,
            suppliedBy=self.id("licensor"),
            releaseTime=self.time,
            **more,
        )
        self.found.append(package)
        return str(package["spdxId"])

    def licensed(self, of: str, name: str, declared: str, concluded: str) -> None:
        """Declared is what the licensor says; concluded is that and what came with what it was made from."""
        for kind, expression in (("hasDeclaredLicense", declared), ("hasConcludedLicense", concluded)):
            self.relate(of, kind, self.expression(f"{name}/{kind}", expression), name)

    def expression(self, name: str, expression: str) -> str:
        own = {id: self.id("license", id) for id in ids(expression) if id.startswith("LicenseRef-")}
        license = self.element(
            "expression",
            name,
            "simplelicensing_LicenseExpression",
            simplelicensing_licenseExpression=expression,
            simplelicensing_customIdToUri=[
                {"type": "DictionaryEntry", "key": id, "value": uri} for id, uri in own.items()
            ],
        )
        self.found.append(license)
        return str(license["spdxId"])

    def upstream(self, of: str, component: Component, n: int) -> None:
        told = component.upstream[n]
        kind = "ai_AIPackage" if component.kind in _MODEL else "software_Package"
        name = f"{component.name}/{n}"
        package = self.element("upstream", name, kind, name=told.name, software_primaryPurpose=_PURPOSE[component.kind])
        self.found.append(package)
        self.licensed(str(package["spdxId"]), f"{name}/upstream", told.license, told.license)
        self.relate(of, "descendantOf", str(package["spdxId"]), name)

    def relate(self, of: str, kind: str, to: str, name: str) -> None:
        self.found.append(
            self.element(
                "relationship", kind, name, "Relationship", **{"from": of, "to": [to], "relationshipType": kind}
            )
        )
