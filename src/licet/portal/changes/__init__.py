"""How terms change: with notice, in the open, and without taking anything back that was promised."""
