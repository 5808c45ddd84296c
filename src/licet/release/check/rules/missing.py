"""Which part has no license, or only one that was written for something else?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from licet.errors import Finding
from licet.release.check.parts import Homes, Part
from licet.release.check.rules.contradiction import is_majority
from licet.release.check.statement import File
from licet.release.check.view import DOCUMENT, View, sheets_of


def find(view: View) -> Iterator[Finding]:
    if view.release:
        yield from _unclaimed(view)
    for part in view.open_parts():
        if part.component is None:
            yield from _unlicensed(view, part)
        yield from _for_software_only(part)


def _unlicensed(view: View, part: Part) -> Iterator[Finding]:
    said = [*part.own, *part.shared]
    if said or any(is_majority(part, h) for h in part.headers):
        if (
            part.about == "weights"
            and not part.own
            and any(p.about == "code" and p.folder == part.folder for p in view.parts)
        ):
            first = next((s for s in part.shared if s.by == "license file"), part.shared[0] if part.shared else None)
            if first and not any(part.about == s.about for s in part.shared):
                yield Finding(
                    first.path,
                    first.line,
                    "code-license-for-weights",
                    f"`{first.path}` is all that is said of code and weights together, "
                    "and nothing says whether it holds for the weights",
                    "say it: a line in the README for each part, a model card with `license`, or a licet.toml",
                    "warning",
                )
        return
    where = next((f.path for f in view.tree.files if f.kind == part.about), part.folder or ".")
    yield Finding(
        where,
        0,
        "no-license",
        f"no license of {part.title} is named, so nobody may use it",
        "choose one (`licet choose`), put its text beside it as LICENSE, and name it in the README",
    )


def _for_software_only(part: Part) -> Iterator[Finding]:
    if part.about != "weights" or part.component is None:
        return
    for sheet in sheets_of(part.license):
        if sheet.made_for and not {"model", "content", "data"} & set(sheet.made_for):
            yield Finding(
                DOCUMENT,
                part.component.line,
                "code-license-for-weights",
                f"{part.title} is weights, and {sheet.id} was written for software: "
                "what the source of weights is, it does not say",
                "choose a license that speaks of models or of any work, or say in `why` how you mean it",
                "warning",
            )


def _unclaimed(view: View) -> Iterator[Finding]:
    homes = Homes(view.parts)
    lost: dict[str, list[File]] = defaultdict(list)
    for file in view.tree.files:
        if file.kind in ("code", "weights", "data") and homes.of(file.path, file.kind) is None:
            lost[file.kind].append(file)
    for kind, files in lost.items():
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        yield Finding(
            files[0].path,
            0,
            "no-component",
            f"no component of {DOCUMENT} covers `{files[0].path}`{more} ({kind}), so nothing gives a license of it",
            f'add a `[[component]]` with `kind = "{kind}"`; one without `path` takes what no other has',
            "warning",
        )
