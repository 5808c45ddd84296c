"""Tags of the billing app."""
