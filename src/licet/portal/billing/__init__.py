"""What does use past a quota cost? Read from the ledger, priced in integers, told to the provider call by call."""
