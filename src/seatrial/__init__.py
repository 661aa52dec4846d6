"""Seatrial rehearses a deployment on a laptop, then performs the same deployment on AWS.

This package opens nothing by itself: commands import the rooms they need, so that ``--help``
and ``check`` never wait for boto3 or the emulator.
"""

__version__ = "0.1.0"
