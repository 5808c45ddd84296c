"""The public pages of a release: what the gate enforces, said to people who have not signed in."""
