"""Does what contributors agree to cover what is done with their work: selling it, or changing its license?"""

from __future__ import annotations

from collections.abc import Iterator

from licet.errors import Finding
from licet.licenses.expression import parsed
from licet.release.check.view import DOCUMENT, View
from licet.release.release import Component, Release

_GUIDES = ("CONTRIBUTING", ".github/CONTRIBUTING", "docs/CONTRIBUTING")


def find(view: View) -> Iterator[Finding]:
    if view.release is None:
        return
    invited = any(f.path.startswith(_GUIDES) for f in view.tree.files)
    for component in view.release.components:
        done = _done_with(view.release, component)
        if not done or component.contributions in ("none", "CLA"):
            continue
        taken = component.contributions == "DCO-1.1" or (invited and component.kind == "code")
        if component.contributions == "DCO-1.1":
            says = f"contributions come in under its own license (DCO-1.1), and {done}: that needs more than they give"
            mend = 'ask for it: `contributions = "CLA"` with `contributions_url`; or keep contributed parts out of what is sold'
        else:
            says = f"it does not say under which terms contributions come in, and {done}"
            mend = '`contributions = "none"`, or "CLA" with `contributions_url`'
        if taken or component.kind == "code":
            yield Finding(
                DOCUMENT,
                component.line,
                "contributions",
                f"component `{component.name}`: {says}",
                mend,
                "warning" if taken else "note",
            )


def _done_with(release: Release, component: Component) -> str:
    """In which way is the component more than released under its license? "" for none."""
    tier = next((t for t in release.tiers if component.name in t.licenses), None)
    if tier:
        return f"tier `{tier.name}` gives it under another license ({tier.licenses[component.name]})"
    if component.change_license and component.change_license != component.license:
        return f"it goes over to {component.change_license} one day"
    return "it is offered under a choice of licenses" if component.license and _by_choice(component.license) else ""


def _by_choice(license: str) -> bool:
    """`MIT OR Apache-2.0` is a choice that contributors make as well; a choice with terms for sale is not."""
    tree = parsed(license)
    return (
        isinstance(tree, tuple)
        and tree[0] == "OR"
        and any(isinstance(one, str) and one.startswith("LicenseRef-") and "scancode" not in one for one in tree[1])
    )
