"""The pages: rendered here, readable without a script; scripts add progress and confirmation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from registry import activity, artifacts, lineage, lines, pictures, readme, search, sessions
from registry.errors import RefusedError
from registry.routes import links, people
from registry.routes.access import COOKIE, Admin, Here, Searcher, address_of
from registry.routes.shapes import Id, NewUser, Permissions, Type
from registry.scores.facts import Facts
from registry.scores.rating import METRICS, WEIGHTS, license_of, tree_score
from registry.store import Registry
from registry.tables import PERMISSIONS, Artifact, User

FOLDER = Path(__file__).parents[1]
PAGE = 20
templates = Jinja2Templates(FOLDER / "templates")
templates.env.globals["clock"] = lines.clock
routes = APIRouter(include_in_schema=False)
TREE = {"tree_score": tree_score}
LABELS = {
    "ramp_up_time": "Ramp-up time",
    "bus_factor": "Bus factor",
    "performance_claims": "Performance claims",
    "license": "License",
    "dataset_and_code_score": "Dataset and code",
    "dataset_quality": "Dataset quality",
    "code_quality": "Code quality",
    "reproducibility": "Reproducibility",
    "reviewedness": "Reviewedness",
    "tree_score": "Tree score",
}


def static() -> StaticFiles:
    """Return the pages' style and scripts."""
    return StaticFiles(directory=FOLDER / "static")


def page(
    request: Request, template: str, user: User | None, status: int = 200, /, **given: Any
) -> Response:
    """Return a rendered page that no other site can frame or script."""
    answer = templates.TemplateResponse(
        request, template, {"user": user, "path": request.url.path, **given}, status
    )
    answer.headers["content-security-policy"] = (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    answer.headers["referrer-policy"] = "same-origin"
    answer.headers["cache-control"] = "no-store"
    return answer


@routes.get("/")
def root() -> Response:
    """Go to the pages."""
    return RedirectResponse("/web/", 302)


@routes.get("/web/login")
def login(
    request: Request, again: bool = False,
    token: Annotated[str | None, Cookie(alias=COOKIE)] = None,
) -> Response:  # fmt: skip
    """Ask for name and password; only a login that ended is reported."""
    again = again and token is not None
    said = "Your login has ended: please log in again." if again else ""
    return page(request, "login.html", None, said=said)


@routes.post("/web/login")
async def log_in(request: Request, here: Here) -> Response:
    """Log in; the token goes into a cookie that no script sees."""
    _same_site(request)
    given = parse_qs((await request.body()).decode(errors="replace"))
    name, password = given.get("name", [""])[0], given.get("password", [""])[0]
    try:
        token, _ = await run_in_threadpool(
            sessions.log_in, here, name, password, address_of(request)
        )
    except (RefusedError, UnicodeError) as error:
        limited = isinstance(error, RefusedError) and error.status == 429
        said = str(error) if limited else "The name or the password is not right."
        status = 429 if limited else 401
        return page(request, "login.html", None, status, said=said, name=name)
    answer = RedirectResponse("/web/", 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")
    return answer


@routes.post("/web/logout")
def log_out(
    request: Request, here: Here, token: Annotated[str | None, Cookie(alias=COOKIE)] = None
) -> Response:
    """Forget the login."""
    _same_site(request)
    if token:
        sessions.log_out(here, token)
    answer = RedirectResponse("/web/login", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _same_site(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.url.netloc:
        raise RefusedError(400, "this form belongs to another site")


@routes.get("/web/")
def searched(
    request: Request, here: Here, user: Searcher, q: str = "", type: str = "",
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:  # fmt: skip
    """List or search artifacts, with their net scores."""
    said = ""
    with here.transaction() as db:
        try:
            found = _found(db, q, type, offset)
        except RefusedError as error:
            found, said = [], str(error)
        rows = [(a, _badge(db, a)) for a in found[:PAGE]]
    more = len(found) > PAGE
    return page(
        request, "search.html", user, rows=rows, q=q, type=type, offset=offset, more=more,
        said=said, size=PAGE,
    )  # fmt: skip


def _found(db: Any, q: str, type_: str, offset: int) -> list[Artifact]:
    types = (type_,) if type_ in ("model", "dataset", "code") else ()
    if not q:
        listed = artifacts.listed(db, [artifacts.Query("*", types)], offset)
        return artifacts.by_ids(db, [row.id for row in listed[: PAGE + 1]])
    expression = q if q.startswith("(?") else f"(?i){q}"
    rows = search.matching(db, expression)
    wanted = [row.id for row in rows if not types or row.type in types]
    return artifacts.by_ids(db, wanted[offset : offset + PAGE + 1])


def _badge(db: Any, artifact: Artifact) -> float | None:
    if artifact.type != "model":
        return None
    return float(str(artifacts.rated(db, artifact)["net_score"]))


@routes.get("/web/upload")
def upload(request: Request, user: Searcher) -> Response:
    """Register an artifact by its address, or by a file."""
    return page(request, "upload.html", user)


@routes.get("/web/artifacts/{artifact_type}/{id}")
def card(request: Request, here: Here, user: Searcher, artifact_type: Type, id: Id) -> Response:
    """Show everything about an artifact."""
    try:
        given = _card(request, here, user, artifact_type, id)
    except RefusedError as error:
        return page(request, "missing.html", user, error.status)
    return page(request, "artifact.html", user, **given)


def _card(request: Request, here: Registry, user: User, type_: str, id_: str) -> dict[str, Any]:
    with here.transaction() as db:
        found = artifacts.find(db, type_, id_)
        facts = Facts.model_validate(found.facts)
        graph = artifacts.graph(db, found)
        rating = artifacts.rated(db, found) if type_ == "model" else None
        trail = artifacts.trail(db, id_)[-20:][::-1]
    link = links.download(request, user, id_) if user.may("download") else None
    scores = [] if rating is None else [_row(name, rating) for name in LABELS]
    return {
        "artifact": found,
        "facts": facts,
        "readme": readme.html(facts.card),
        "license": license_of(facts),
        "rating": rating,
        "scores": scores,
        "graph": graph,
        "picture": pictures.lineage(graph),
        "costs": lineage.costs(graph, dependencies=True)[id_],
        "trail": trail,
        "link": link,
    }


def _row(name: str, rating: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": LABELS[name],
        "about": " ".join(((METRICS | TREE)[name].__doc__ or "").split()),
        "value": None if name in rating["unknown"] else rating[name],
        "latency": rating[f"{name}_latency"],
        "weight": WEIGHTS[name],
    }


@routes.get("/web/logs")
def logs(request: Request, here: Here, user: Admin, q: str = "", level: str = "") -> Response:
    """Show the last hour's lines of all tasks: what failed, was refused or was warned of."""
    rows = activity.lines(here, 60, q[:200], level)
    return page(request, "logs.html", user, rows=rows, q=q, level=level)


@routes.get("/web/users")
def users(request: Request, here: Here, user: Admin, said: str = "") -> Response:
    """List who may do what; for admins."""
    with here.transaction() as db:
        rows = list(db.scalars(select(User).order_by(User.name)))
    return page(
        request, "users.html", user, rows=rows, permissions=PERMISSIONS,
        default=here.settings.admin_name, said=SAID.get(said, ""),
    )  # fmt: skip


SAID = {
    "taken": "There is a user of this name.",
    "short": "A user needs a name, and a password of at least twelve characters.",
}


@routes.post("/web/users")
async def change_user(request: Request, here: Here, user: Admin) -> Response:
    """Add a user, change what one may do, or delete one; for admins."""
    _same_site(request)
    given = parse_qs((await request.body()).decode(errors="replace"))
    said = await run_in_threadpool(_change_user, here, user, given)
    return RedirectResponse(f"/web/users{f'?said={said}' if said else ''}", 303)


def _change_user(here: Registry, user: User, given: dict[str, list[str]]) -> str:
    """Do what the form of the users' page asks; return the key of what to say about it."""
    name = given.get("name", [""])[0].strip()
    rights = [right for right in PERMISSIONS if right in given.get("permissions", [])]
    match given.get("do", [""])[0]:
        case "delete":
            people.forget(here, user, name)
        case "change":
            people.permissions(here, user, name, Permissions(permissions=rights))
        case _:
            password = given.get("password", [""])[0]
            if not name or len(password) < 12:
                return "short"
            new = NewUser(username=name, password=password, permissions=rights)
            try:
                people.register(here, user, new)
            except RefusedError as error:
                return "taken" if error.status == 409 else "short"
    return ""


@routes.get("/web/health")
def health(request: Request, here: Here, user: Searcher) -> Response:
    """Show the last hour."""
    minutes = activity.read(here, 60)
    found = activity.components(here, 60, timeline=False)
    return page(
        request,
        "health.html",
        user,
        components=found["components"],
        numbers=activity.health_numbers(here, 60),
        picture=pictures.hour(minutes),
        release=activity.TASK.rpartition("-")[0],
    )
