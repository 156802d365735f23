"""A township's one machine: installed, upgraded, backed up, restored and looked at, with nothing but Python 3.11.

It runs before anything of Fengqiao is installed and when nothing of it works any more, so it imports none of it.
"""
