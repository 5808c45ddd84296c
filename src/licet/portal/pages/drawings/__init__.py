"""Pictures of a release, drawn as SVG from plain values. Pure; colours are classes, so the dark page has its own."""
