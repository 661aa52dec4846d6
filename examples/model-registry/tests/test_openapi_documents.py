"""The application's own OpenAPI document is reviewed as a diff, and serves what was published."""

from __future__ import annotations

import json

import openapi_documents as documents

# What the registry serves beside the published contract; README.md says what each is for.
OURS = {
    ("/authenticate", "post"), ("/download/{id}", "get"), ("/upload", "post"),
    ("/user/register", "post"), ("/user/{name}", "delete"), ("/user/{name}/permissions", "put"),
}  # fmt: skip


def test_openapi_document_is_the_reviewed_one():
    """`make golden` would change nothing."""
    assert documents.generated() == json.loads(documents.OWN.read_text())


def test_published_operations_are_served():
    """Every operation of the published contract, with its required properties and its answer for
    success, and no other operation than the ones listed above.
    """
    wanted, own = documents.published(), json.loads(documents.OWN.read_text())
    published, served = documents.operations(wanted), documents.operations(own)
    assert set(served) - set(published) == OURS
    assert set(published) <= set(served)
    for key, operation in published.items():
        assert documents.required(own, served[key]) == documents.required(wanted, operation), key
        good = {code for code in served[key]["responses"] if code.startswith("2")}
        assert good <= set(operation["responses"]), key
