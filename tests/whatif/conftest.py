"""The portal's fixtures, on a release with programs."""

from __future__ import annotations

from tests.portal.conftest import Hands, config, directory, hands, portal  # noqa: F401
from tests.programs.conftest import release  # noqa: F401
