"""Who else hears of what happens here? Servers that asked to: Standard Webhooks, from an outbox, until they take it."""
