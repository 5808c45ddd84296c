"""How money reaches the gate: what was bought, what was paid, and what follows. ADR 8."""
