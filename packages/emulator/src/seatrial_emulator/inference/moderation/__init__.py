"""Guardrails of Bedrock that really judge texts: by rules that anybody can read.

AWS judges content, topics and personal data by models of its own, which nobody else has; here
are words and shapes (``phrases``, ``entities``, ``topics``). What both do alike: configuration,
versions, masks, messages, assessments, counts and errors.
"""
