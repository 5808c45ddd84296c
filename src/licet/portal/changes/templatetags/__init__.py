"""Tags of the templates that tell of changes."""
