"""Facts in, scores out: pure functions, one a metric, each with its formula.

Nothing here asks a network, a clock or a database, but for the measured latencies of ``rating``.
Unknown is ``None``, never a guess.
"""
