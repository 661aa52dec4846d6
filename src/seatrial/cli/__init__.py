"""Arguments in, words out; no decisions.

Data goes to standard output, talk to standard error. Every command that reads or does something
has ``--json``. Heavy rooms are imported inside commands, so that ``--help`` is quick.
"""
