"""Agents of Bedrock: an instruction, a model, knowledge bases and a guardrail behind one call.

The real ones let their model decide, step by step, what to look up; here every question is looked
up in every knowledge base first, and the model answers once.
"""
