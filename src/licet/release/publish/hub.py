"""What does a model hub call a license? The ids that a card's front matter may carry; everything else is `other`."""

from __future__ import annotations

from typing import Final

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.expression import parsed

_IDS: Final = (
    "afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0 "
    "bigscience-openrail-m bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5 "
    "cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 "
    "cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 "
    "cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m deepfloyd-if-license ecl-2.0 epl-1.0 epl-2.0 "
    "etalab-2.0 eupl-1.1 eupl-1.2 gemma gfdl gpl-2.0 gpl-3.0 h-research intel-research isc lgpl-2.1 lgpl-3.0 lgpl-lr "
    "llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 "
    "openmdw-1.0 openrail openrail++ osl-3.0 pddl postgresql unlicense wtfpl zlib"
)
KNOWN: Final = frozenset(_IDS.split())


def hub_ids(expression: str) -> tuple[str, ...]:
    """The hub's ids of a license or of a choice between several; () where the hub has no word for it."""
    try:
        tree = parsed(expression)
    except LicetError:
        return ()
    leaves = tree[1] if isinstance(tree, tuple) and tree[0] == "OR" else (tree,)
    found = [_hub_id(leaf) if isinstance(leaf, str) else "" for leaf in leaves]
    return tuple(dict.fromkeys(found)) if all(found) else ()


def _hub_id(id: str) -> str:
    sheet = shelf.sheet(id)
    if told := next((name for name in (sheet.hub if sheet else ()) if name in KNOWN), ""):
        return told
    plain = id.lower().removesuffix("-only").removesuffix("-or-later").removesuffix("+")
    return plain if plain in KNOWN and not id.startswith("LicenseRef-") else ""


def slug(expression: str) -> str:
    """A name for a license that the hub does not know: lower case, no spaces."""
    plain = expression.lower().replace("licenseref-", "").replace("scancode-", "")
    return "-".join("".join(c if c.isalnum() or c in ".-" else " " for c in plain).split())
