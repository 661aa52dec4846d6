"""The verbs, one a file: they take an app and a target, emit events and return a report.

Comes in: ``App``, ``Target``, options. Goes out: events while it works, then a frozen report.
Forbidden here: printing, prompting, and asking what kind of target it is.
"""
