"""The pages of an organization. Whoever is no member finds nothing; a member who may not reads why."""
