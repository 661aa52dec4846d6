"""Application Auto Scaling keeps tags, and moves the desired count into a new range at once
(API reference, RegisterScalableTarget).

moto has no tag operations for scalable targets, which the provider calls, and leaves the count
alone. Test: tests/emulator/test_patches.py::test_scalable_target_moves_the_count.
"""

from __future__ import annotations

import json
from typing import Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend as Backend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response


def apply() -> None:
    """Add tag operations and clamp the desired count."""
    Response.list_tags_for_resource = _list
    Response.tag_resource = _tag
    Response.untag_resource = _untag
    register = Backend.register_scalable_target
    answer = Response.register_scalable_target

    def clamped(self: Any, namespace: str, r_id: str, *rest: Any, **more: Any) -> Any:
        target = register(self, namespace, r_id, *rest, **more)
        if namespace == "ecs":
            _clamp(self, target)
        return target

    def tagged(self: Any) -> Any:
        out = answer(self)
        arn = json.loads(out)["ScalableTargetARN"]
        _tags(self).setdefault(arn, {}).update(self._get_param("Tags") or {})
        return out

    Backend.register_scalable_target = clamped
    Response.register_scalable_target = tagged


def _clamp(backend: Any, target: Any) -> None:
    _, cluster, name = target.resource_id.split("/")
    service = backend.ecs_backend.services.get(f"{cluster}:{name}")
    if service is not None and target.min_capacity is not None:
        service.desired_count = max(
            int(target.min_capacity), min(int(service.desired_count), int(target.max_capacity))
        )


def _tags(self: Any) -> dict[str, dict[str, str]]:
    backend = self.applicationautoscaling_backend
    found: dict[str, dict[str, str]] = backend.__dict__.setdefault("rehearsed_tags", {})
    return found


def _list(self: Any) -> str:
    return json.dumps({"Tags": _tags(self).get(self._get_param("ResourceARN"), {})})


def _tag(self: Any) -> str:
    kept = _tags(self).setdefault(self._get_param("ResourceARN"), {})
    kept.update(self._get_param("Tags") or {})
    return "{}"


def _untag(self: Any) -> str:
    for key in self._get_param("TagKeys") or []:
        _tags(self).get(self._get_param("ResourceARN"), {}).pop(key, None)
    return "{}"
