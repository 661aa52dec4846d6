"""The only room that speaks boto3: AWS's APIs as plain functions over a session.

Comes in: a ``Target`` and plain values. Goes out: plain values, or typed errors in AWS's own
words. Forbidden here: decisions, and knowing whether AWS or a rehearsal answers.
"""
