"""Whether AWS would accept a call: its parameters against the API's model, then what no model says.

Comes in: every request of the AWS API, before moto has it. Goes out: AWS's own refusal, in the
caller's protocol, or nothing. Two sources of truth: botocore's model of the operation (``model``:
required, enum, pattern, lengths, ranges, with the exceptions in ``exceptions``), and ``rules``,
whose facts stand in ``facts`` with the document that each was read in.
"""

from __future__ import annotations

from seatrial_emulator.validation.validator import Validator

__all__ = ["Validator"]
