"""What AWS has and allows, that no model of its API says: tables, each with its source.

Comes in: nothing. Goes out: plain values that ``validation`` compares calls with. A table is a
fact about AWS at a date; tests compare it with machine-readable sources where there are some.
"""
