"""Code generated from `protos/` by `make protos`; never edited by hand.

Deliberately absent: anything written by a person, apart from this line.
"""
