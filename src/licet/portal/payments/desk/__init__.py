"""The pages on which a holder buys, changes and ends. None of them ever asks for a card."""
