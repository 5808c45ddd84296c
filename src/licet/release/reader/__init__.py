"""How is `licet.toml` read? One file a part of the document; `release/document.py` puts them together.

`source` opens the bytes, `table` reads one table key by key and notes what is wrong, `amount` knows the small grammars
(quota, rate, price), `spelling` the names, `secret` what must never be published or printed.
"""
