"""Which settings does mypy's Django plugin read? Those of a portal in a folder of its own that nobody serves."""

from __future__ import annotations

import tempfile
from pathlib import Path

from licet.portal.config import PortalConfig
from licet.portal.data_folder import prepare
from licet.portal.django_settings import settings

_CONFIG = PortalConfig(Path(tempfile.gettempdir()) / "licet-typecheck")
prepare(_CONFIG.data)
LICET: PortalConfig = _CONFIG
globals().update(settings(_CONFIG))
