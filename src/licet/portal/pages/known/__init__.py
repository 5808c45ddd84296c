"""The pages of the licenses on the shelf: what each says, to whom, and how it differs from any other."""
