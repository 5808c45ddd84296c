"""Where does the demo's `licet.toml` find its features? Each takes and gives JSON values, and has a file of its own."""

from __future__ import annotations

from licet.demo.analysis import basic_analysis
from licet.demo.modelling import advanced_modelling
from licet.demo.prepare import data_preprocessing

__all__ = ["advanced_modelling", "basic_analysis", "data_preprocessing"]
