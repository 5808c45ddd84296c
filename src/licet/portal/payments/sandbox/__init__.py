"""A provider that moves no money: the whole life of a purchase, played through on this machine."""
