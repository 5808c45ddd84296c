"""Readers: each takes one kind of file and tells what is said there. None decides what it is worth."""
