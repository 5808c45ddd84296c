"""The pages of questions: reading them, writing them, and who writes."""
