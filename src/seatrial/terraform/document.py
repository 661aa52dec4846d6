"""The two documents of an environment, and how the foundation's outputs enter the release."""

from __future__ import annotations

import json
from typing import Any

from seatrial.resources import naming
from seatrial.resources.context import GLOBAL, GLOBAL_REGION
from seatrial.resources.graph import Graph, Ref, Resource, Root
from seatrial.terraform.escape import literal, value

PROVIDER = "~> 5.100"
TERRAFORM = ">= 1.11.0"  # below, the provider refuses write-only arguments
# What whoever deploys must know of the foundation, beside what the release refers to.
EXPORTS = {
    "aws_ecr_repository": ("repository_url",),
    "aws_secretsmanager_secret": ("arn",),
    "aws_db_instance": ("identifier",),
    "aws_ecs_cluster": ("name",),
    "aws_ecs_task_definition": ("arn",),
    "aws_lb": ("dns_name",),
    "aws_cloudfront_distribution": ("domain_name", "id"),
    "aws_security_group": ("id",),
    "aws_bedrockagent_data_source": ("knowledge_base_id", "data_source_id"),
    "aws_route53_zone": ("name_servers",),
}
DIGEST = 'alltrue([for image in values(var.images) : can(regex("@sha256:[0-9a-f]{64}$", image))])'


def documents(graph: Graph) -> dict[Root, dict[str, Any]]:
    """Return the documents of both roots."""
    return {"foundation": _foundation(graph), "release": _release(graph)}


def text(document: dict[str, Any]) -> str:
    """Return a document as it is written: sorted, readable, one newline at its end."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def files(document: dict[str, Any]) -> dict[str, str]:
    """Return a document as the files of its root: the generated one, and the user's own.

    The user's own ride in the document's comment, so that a release's record holds all of it.
    Sections without anything in them are left out: Terraform refuses an empty one.
    """
    own = document.get("//", {})
    rest = {key: value for key, value in document.items() if key != "//" and value}
    return {"main.tf.json": text(rest), **own}


def _shared(graph: Graph, root: Root) -> dict[str, Any]:
    own = naming.tags(graph.app, graph.environment)
    tags = {**{key: literal(text) for key, text in graph.tags}, **own}
    providers = [{"region": graph.region, "default_tags": [{"tags": tags}]}]
    if any(resource.body.get("provider") == GLOBAL for resource in graph.root(root)):
        alias = GLOBAL.partition(".")[2]
        providers.append({**providers[0], "region": GLOBAL_REGION, "alias": alias})
    return {
        "terraform": {
            "required_version": TERRAFORM,
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER}},
            "backend": {"s3": {}},
        },
        "provider": {"aws": providers},
    }


def _bodies(resources: tuple[Resource, ...], graph: Graph, root: Root) -> dict[str, Any]:
    def resolve(ref: Ref) -> str:
        target = graph.by_address[ref.address]
        if target.root != root:
            return f"var.foundation.{handle(target)}.{ref.attribute}"
        prefix = "data." if target.data else ""
        return f"{prefix}{ref.type}.{ref.name}.{ref.attribute}"

    found: dict[str, Any] = {}
    for resource in resources:
        section = found.setdefault("data" if resource.data else "resource", {})
        body = value(resource.body, resolve)
        if after := sorted({f"{r.type}.{r.name}" for r in resource.after if _here(r, graph, root)}):
            body["depends_on"] = after
        section.setdefault(resource.type, {})[resource.name] = body
    return found


def _here(ref: Ref, graph: Graph, root: Root) -> bool:
    return graph.by_address[ref.address].root == root


def handle(resource: Resource | Ref) -> str:
    """Return the name under which the release sees a resource of the foundation."""
    return f"{resource.type.removeprefix('aws_')}_{resource.name}"


def _crossing(graph: Graph) -> dict[str, dict[str, Ref]]:
    """Return every attribute of the foundation that the release needs, by handle."""
    found: dict[str, dict[str, Ref]] = {}
    for resource in graph.root("release"):
        for ref in resource.refs:
            target = graph.by_address[ref.address]
            if target.root == "foundation":
                found.setdefault(handle(target), {})[ref.attribute] = ref
    return found


def _outputs(graph: Graph) -> dict[str, dict[str, Ref]]:
    """Return what the release needs and what is exported."""
    found = _crossing(graph)
    for resource in graph.root("foundation"):
        for attribute in () if resource.data else EXPORTS.get(resource.type, ()):
            found.setdefault(handle(resource), {})[attribute] = resource.ref(attribute)
    return found


def _foundation(graph: Graph) -> dict[str, Any]:
    resources = graph.root("foundation")
    document = _shared(graph, "foundation") | _bodies(resources, graph, "foundation")
    databases = [r.name for r in resources if r.type == "aws_db_instance"]
    if databases:
        made = {"password_length": 40, "exclude_punctuation": True}
        document["ephemeral"] = {
            "aws_secretsmanager_random_password": dict.fromkeys(databases, made)
        }
    document["variable"] = {
        "teardown": {
            "type": "bool",
            "default": False,
            "description": "Lift every protection, just before a destroy.",
        },
        "upgrade": {
            "type": "bool",
            "default": False,
            "description": "Change databases at once, for a new major version.",
        },
        "final_snapshot": {
            "type": "string",
            "default": "final",
            "description": "Ends the names of final database snapshots.",
        },
    }
    if graph.files:
        document["//"] = dict(graph.files)
    document["output"] = {
        key: {"value": {name: value(ref, _plain(graph)) for name, ref in attributes.items()}}
        for key, attributes in _outputs(graph).items()
    }
    return document


def _plain(graph: Graph) -> Any:
    def resolve(ref: Ref) -> str:
        prefix = "data." if graph.by_address[ref.address].data else ""
        return f"{prefix}{ref.type}.{ref.name}.{ref.attribute}"

    return resolve


def _release(graph: Graph) -> dict[str, Any]:
    document = _shared(graph, "release") | _bodies(graph.root("release"), graph, "release")
    crossing = {
        key: "object({" + ", ".join(f"{name} = string" for name in sorted(attributes)) + "})"
        for key, attributes in sorted(_crossing(graph).items())
    }
    types = ", ".join(f"{key} = {shape}" for key, shape in crossing.items())
    images = ", ".join(f"{build} = string" for build in graph.builds)
    document["variable"] = {
        "foundation": {
            "type": f"object({{{types}}})",
            "description": "The foundation's outputs: what a release stands on.",
        },
        "images": {
            "type": f"object({{{images}}})",
            "description": "The image of each build, by digest.",
            "validation": [
                {"condition": f"${{{DIGEST}}}", "error_message": "Images are named by digest."}
            ],
        },
        "wait": {
            "type": "bool",
            "default": True,
            "description": "Wait until services are steady before anything moves on.",
        },
    }
    return document
