"""Application Auto Scaling keeps tags, and moves the desired count into a new range at once
(API reference, RegisterScalableTarget).

moto has no tag operations for scalable targets, which the provider calls, and leaves the count
alone. Test: tests/emulator/test_patches.py::test_registering_a_scalable_target_moves_the_count.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend as Backend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response

from seatrial_emulator.api.patches.patch import add, wrap
from seatrial_emulator.api.state import store_of


def apply() -> None:
    """Add tag operations and clamp the desired count."""
    wrap(Backend, "register_scalable_target", _register_target)
    wrap(Response, "register_scalable_target", _register_response)
    add(Response, "list_tags_for_resource", _list_tags)
    add(Response, "tag_resource", _tag)
    add(Response, "untag_resource", _untag)


def _register_target(
    register: Callable[..., Any], self: Any, namespace: str, *given: Any, **fields: Any
) -> Any:
    target = register(self, namespace, *given, **fields)
    if namespace == "ecs":
        clamp(self, target)
    return target


def _register_response(register: Callable[..., Any], self: Any) -> Any:
    body = register(self)
    _tags(json.loads(body)["ScalableTargetARN"]).update(self._get_param("Tags") or {})
    return body


def clamp(backend: Any, target: Any) -> None:
    """Move a service's desired count into the range of its target."""
    _, cluster, name = target.resource_id.split("/")
    service = backend.ecs_backend.services.get(f"{cluster}:{name}")
    if service is not None and target.min_capacity is not None:
        service.desired_count = max(
            int(target.min_capacity), min(int(service.desired_count), int(target.max_capacity))
        )


def _tags(arn: str) -> dict[str, str]:
    return store_of(arn).tags.setdefault(arn, {})


def _list_tags(self: Any) -> str:
    return json.dumps({"Tags": _tags(self._get_param("ResourceARN"))})


def _tag(self: Any) -> str:
    _tags(self._get_param("ResourceARN")).update(self._get_param("Tags") or {})
    return "{}"


def _untag(self: Any) -> str:
    for key in self._get_param("TagKeys") or []:
        _tags(self._get_param("ResourceARN")).pop(key, None)
    return "{}"
