"""A service: a program that keeps running, with or without a port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from seatrial.model.build import Build
from seatrial.model.command import Command
from seatrial.model.count import Count
from seatrial.model.kind import Kind, Variable
from seatrial.model.noun import Name, Noun, Text
from seatrial.model.units import Cpu, Duration, Memory
from seatrial_runtime import contract

if TYPE_CHECKING:
    from seatrial.model.app import App

EnvName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)]
# Printable ASCII, as it stands in a request line (RFC 9112).
URL_PATH = r"^/[\x21-\x7e]*$"
# What a listener rule may hold, without its wildcards (ELB user guide, "Path conditions").
ROUTE = r"^/[A-Za-z0-9_.$/~\"'@:+&-]*$"
# A host name of the internet (RFC 1123) and a TCP port.
Destination = Annotated[
    str, Field(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,63}:[1-9][0-9]{0,4}$", max_length=200)
]
# Repository, tag, digest (distribution/reference, "Grammar").
IMAGE = (
    r"^([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:\w[\w.-]{0,127})?"
    r"(@sha256:[0-9a-f]{64})?$"
)
Access = Literal["", "read", "write", "full", "live", "send", "receive", "sync", "admin"]


class Use(Noun):
    """Another noun this one uses; gives the permission, the network rule and the variables."""

    name: Name = Field(description="The noun to use.", examples=["db"])
    access: Access = Field(
        "",
        description="How it is used; empty is the noun's default. Buckets: `read`, `write` or "
        "`full` (default). Databases and secrets: `live` lets the program read the value again. "
        "Databases: `read` is a login that can only SELECT, alone or beside another use. "
        "Queues: `send`, `receive` or `full` (default). Knowledge: `sync`. Users: `admin`.",
        examples=["read"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept ``db`` and ``models: read``."""
        if isinstance(raw, str):
            return {"name": raw}
        if isinstance(raw, dict) and len(raw) == 1 and not {"name", "access"} & raw.keys():
            name, access = next(iter(raw.items()))
            return {"name": name, "access": access}
        return raw


class Health(Noun):
    """How the balancer asks a task whether it is well."""

    path: Annotated[str, Field(pattern=URL_PATH, max_length=1024)] = Field(
        "/", description="The path to request.", examples=["/health"]
    )
    interval: Annotated[Duration, Field(ge=5, le=300)] = Field(
        5, description="Time between two checks.", examples=["5 s"]
    )
    timeout: Annotated[Duration, Field(ge=2, le=120)] = Field(
        4, description="Time to wait for a response; less than the interval.", examples=["4 s"]
    )
    healthy: Annotated[int, Field(ge=2, le=10)] = Field(
        2, description="Consecutive successes before a task gets traffic.", examples=["2"]
    )
    unhealthy: Annotated[int, Field(ge=2, le=10)] = Field(
        3, description="Consecutive failures before a task is replaced.", examples=["3"]
    )
    grace: Annotated[Duration, Field(ge=0, le=7200)] = Field(
        30,
        description="Time after the start during which failures do not count.",
        examples=["30 s"],
    )
    codes: Annotated[str, Field(pattern=r"^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$")] = Field(
        "200", description="HTTP status codes that count as success.", examples=["200-299"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept a bare path."""
        return {"path": raw} if isinstance(raw, str) else raw


class Public(Noun):
    """What of a service the internet can reach."""

    path: tuple[Annotated[str, Field(pattern=ROUTE, max_length=120)], ...] = Field(
        ("/",),
        min_length=1,
        description="Path prefixes that reach this service.",
        examples=["/api"],
    )
    host: Annotated[str, Field(pattern=r"^[a-z0-9*]([a-z0-9.*-]*[a-z0-9])?$|^$")] = Field(
        "",
        description="Only requests for this host; needs `edge: {kind: balancer}`.",
        examples=["api.example.com"],
    )
    sticky: bool = Field(
        False,
        description="Send a browser's requests to the same task (sticky sessions).",
        examples=["true"],
    )
    idle: Annotated[Duration, Field(ge=1, le=4000)] = Field(
        60, description="Idle timeout of a connection.", examples=["300 s"]
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept one path, or a list of paths."""
        raw = {"path": raw} if isinstance(raw, str | list) else raw
        if isinstance(raw, dict) and isinstance(raw.get("path"), str):
            return {**raw, "path": [raw["path"]]}
        return raw


class Capacity(Noun):
    """On which capacity the tasks of a service run."""

    base: Annotated[int, Field(ge=0, le=1000)] = Field(
        0, description="Number of tasks that always run on Fargate.", examples=["1"]
    )
    fargate: Annotated[int, Field(ge=0, le=1000)] = Field(
        1, description="Fargate's share of the rest.", examples=["1"]
    )
    spot: Annotated[int, Field(ge=0, le=1000)] = Field(
        0,
        description="Fargate Spot's share of the rest: about 70 % cheaper, and AWS may end a task "
        "with two minutes' warning.",
        examples=["3"],
    )

    @classmethod
    def long_form(cls, raw: Any) -> Any:
        """Accept ``fargate`` and ``spot``: all of the one or the other."""
        alone = {"fargate": {"fargate": "1", "spot": "0"}, "spot": {"fargate": "0", "spot": "1"}}
        return alone.get(raw, raw) if isinstance(raw, str) else raw


class Service(Noun):
    """A program that keeps running: a web service, or (without a port) a worker."""

    build: Build | None = Field(
        None,
        description="Folder with a Dockerfile, or a Python or Node project; or how it is built.",
        examples=["./api"],
    )
    image: Annotated[str, Field(pattern=IMAGE, max_length=512)] | None = Field(
        None,
        description="A ready-made image instead of `build`. A tag is replaced by its digest at "
        "each deploy.",
        examples=["public.ecr.aws/nginx/nginx:1.29"],
    )
    platform: Literal["x86_64", "arm64"] = Field(
        "x86_64", description="CPU architecture; `arm64` is about 20 % cheaper.", examples=["arm64"]
    )
    entrypoint: Command | None = Field(
        None,
        description="What runs the command, in place of the image's `ENTRYPOINT`.",
        examples=["[./start.sh]"],
    )
    command: Command | None = Field(
        None,
        description="The command to run; default: the image's own.",
        examples=["uvicorn main:app --host 0.0.0.0 --port 8000"],
    )
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="The port it listens on; none for a worker.", examples=["8000"]
    )
    public: Public | None = Field(
        None, description="Paths reachable from the internet; absent: not public.", examples=["/"]
    )
    health: Health = Field(
        Health(), description="The load balancer's health check.", examples=["/health"]
    )
    cpu: Cpu = Field(256, description="vCPU of one task.", examples=["0.5"])
    memory: Memory = Field(512, description="Memory of one task.", examples=["1 GB"])
    count: Count = Field(Count(), description="Number of tasks.", examples=["2"])
    capacity: Capacity = Field(
        Capacity(), description="Fargate, Spot or a mix.", examples=["{base: 1, spot: 3}"]
    )
    uses: tuple[Use, ...] = Field(
        (), description="Nouns this service uses.", examples=["[db, models: read]"]
    )
    reach: tuple[Destination, ...] = Field(
        (),
        max_length=20,
        description="Hosts of the internet that its tasks reach by TCP, with their ports: mail, a "
        "database of somebody else. HTTPS (443) is always open.",
        examples=["[smtp.example.com:587]"],
    )
    env: dict[EnvName, Text] = Field(
        {},
        description="Plain environment variables; they win over the platform's APP, ENVIRONMENT "
        "and RELEASE, which are also there as SEATRIAL_APP and so on.",
        examples=["{LOG_LEVEL: info}"],
    )
    migrate: Command | None = Field(
        None,
        description="Runs once per release, before the new version takes traffic.",
        examples=["python -m api.migrate"],
    )
    stop: Annotated[Duration, Field(ge=2, le=120)] = Field(
        30, description="Time between SIGTERM and SIGKILL.", examples=["30 s"]
    )


def _variables(_: App, use: Use) -> Iterator[Variable]:
    yield Variable(contract.variable(use.name, "URL"), "internal_url")


KIND = Kind(
    section="services",
    in_network=True,
    attributes=("url", "internal_url", "host", "port"),
    open=frozenset({"url"}),
    accesses=("",),
    variables=_variables,
)
