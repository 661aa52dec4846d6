"""Ready-made images that are named by a tag: what the tag means now is what is deployed.

A tag can become another image; the record of a release has the digest, so that a rollback and a
task that starts later run the same one.
"""

from __future__ import annotations

import re

from seatrial.cloud import image_tags, registry
from seatrial.cloud.image_tags import Pinned, UnknownTagError
from seatrial.cloud.session import Session
from seatrial.engine.containers import ARCHITECTURES
from seatrial.errors import Problem, UserError
from seatrial.events import Emit, Note
from seatrial.model.app import App
from seatrial.model.service import Service

_ECR = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$")


def pinned(app: App, session: Session, emit: Emit) -> App:
    """Return the app with every image by its digest; raises UserError, all problems at once."""
    services, problems = dict(app.services), []
    for name, service in sorted(app.services.items()):
        if not service.image or "@" in service.image:
            continue
        try:
            found = _found(service.image, session)
        except UnknownTagError as error:
            problems.append(_unknown(name, service.image, str(error)))
            continue
        problems += _other_platform(name, service, found)
        repository = re.sub(r":[^/:]+$", "", service.image)
        services[name] = service.model_copy(update={"image": f"{repository}@{found.digest}"})
        emit(Note(f"{name}: image {service.image} is {found.digest}"))
    if problems:
        raise UserError(*problems)
    return app.model_copy(update={"services": services}) if services != app.services else app


def _found(image: str, session: Session) -> Pinned:
    named = image_tags.parse(image)
    ours = _ECR.match(named.host)
    if not ours:
        return image_tags.pinned(named)
    if ours.groups() != (session.target.account, session.target.region):
        raise UnknownTagError("it lies in another account's or region's ECR: name it by its digest")
    found = registry.digest(session, named.repository, named.tag)
    if found is None:
        raise UnknownTagError("there is no such image or tag")
    return Pinned(found)


def _unknown(name: str, image: str, why: str) -> Problem:
    return Problem(
        "build-tag",
        f"the registry does not say which image `{image}` is: {why}",
        "Check its name; `docker login` to a private registry; or name the image by its digest: "
        "`image: repository@sha256:...`.",
        f"services.{name}.image",
    )


def _other_platform(name: str, service: Service, found: Pinned) -> list[Problem]:
    wanted = ARCHITECTURES[service.platform]
    if not found.architectures or wanted in found.architectures:
        return []
    return [
        Problem(
            "build-platform",
            f"{service.image} is for {', '.join(sorted(found.architectures))}, and `platform: "
            f"{service.platform}` needs {wanted}",
            "Change `platform`, or use an image for that architecture.",
            f"services.{name}.platform",
        )
    ]
