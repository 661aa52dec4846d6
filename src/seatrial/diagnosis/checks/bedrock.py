"""Bedrock: models, guardrails, knowledge bases."""

from __future__ import annotations

from seatrial.diagnosis.check import EVERYWHERE, PROGRAM, Check, either, said, verified

CHECKS = (
    Check(
        id="D100",
        title="the model needs an inference profile",
        cause="The model is offered through an inference profile (us., eu., global.) alone, not "
        "on demand.",
        fix="Name the profile under `models`: a deploy grants it in every region that it uses.",
        command="seatrial verify{at}",
        look=said(
            r"with on-demand throughput isn.?t supported",
            r"Retry your request with the ID or ARN of an inference profile",
            of=EVERYWHERE,
        ),
    ),
    Check(
        id="D101",
        title="the account has no access to the model",
        cause="You don't have access to the model with the specified model ID: the use case form "
        "is not filled in, or a policy denies it.",
        fix="Ask for access in Bedrock's console (Anthropic's models need the use case form).",
        command="seatrial verify{at}",
        look=either(
            said(r"have access to the model with the specified model ID", of=EVERYWHERE),
            said(r"not authorized to perform: bedrock:\w+", of=EVERYWHERE),
            verified("verify-model"),
        ),
    ),
    Check(
        id="D103",
        title="Bedrock throttles the account",
        cause="The account's tokens or requests a minute are used up; new accounts have few.",
        fix="Try again with growing pauses, use an inference profile over regions, or ask for a "
        "higher quota.",
        command="aws service-quotas list-service-quotas --service-code bedrock",
        look=said(
            r"ThrottlingException.*(Too many (tokens|requests)|[Rr]ate|InvokeModel|Converse)",
            r"Too many tokens, please wait",
            of=PROGRAM,
        ),
    ),
    Check(
        id="D104",
        title="the knowledge base is empty or its sync failed",
        cause="The data source was never synchronized, or its role may not read the documents.",
        fix="Start an ingestion job and read its failureReasons.",
        command="aws bedrock-agent list-ingestion-jobs --knowledge-base-id ID --data-source-id ID",
        look=said(
            r"(?i)ingestion ?job.*(FAILED|failed)",
            r"(?i)knowledge ?base.*(insufficient permissions|status.*FAILED|is not able to)",
            r"failureReasons|Insufficient permissions to access.*data source",
            of=PROGRAM,
        ),
    ),
    Check(
        id="D105",
        title="a guardrail stops answers",
        cause="stopReason is guardrail_intervened: a topic, word or personal-data policy matched.",
        fix="Look at `trace.guardrail` of the answer for the policy, and relax that one.",
        command="seatrial logs{at} {service}",
        look=said(r"guardrail_intervened|GUARDRAIL_INTERVENED", of=PROGRAM),
    ),
)
