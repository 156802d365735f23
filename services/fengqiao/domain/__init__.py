"""The rules of the federation: frozen values and functions. No I/O, no clock, no randomness, no logging stands here."""
