"""Questions and concerns about a release's terms: asked in the open or privately, answered by the licensor."""
