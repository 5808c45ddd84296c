"""What every test shares: how hard Hypothesis looks. `quick` runs with the README's command, `deep` before a stop."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

slow_is_fine = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile("quick", max_examples=100, deadline=None, suppress_health_check=slow_is_fine)
settings.register_profile("deep", max_examples=4000, deadline=None, suppress_health_check=slow_is_fine)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
