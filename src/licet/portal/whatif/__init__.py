"""Why can she, why can't he, and what if? Questions about rights as they are, and as a change would make them."""
