"""Write `shelf/spdx.json`: the ids of the SPDX license list and its exceptions, from the `license-expression` package.

Licet knows an id of this list by name even where nobody has read its text; it never knows its clauses from here.
"""

from __future__ import annotations

import json
from pathlib import Path

from license_expression import get_spdx_licensing

TARGET = Path(__file__).parents[1] / "src/licet/licenses/shelf/spdx.json"

if __name__ == "__main__":
    listed = {
        k: s.is_exception for k, s in get_spdx_licensing().known_symbols.items() if not k.startswith("LicenseRef-")
    }
    ids = {
        "licenses": sorted(k for k, exception in listed.items() if not exception),
        "exceptions": sorted(k for k, exception in listed.items() if exception),
    }
    TARGET.write_text(json.dumps(ids, indent=0) + "\n", encoding="utf-8")
