"""A Python project: what it is made with, how it is started, what it reads from its environment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.discovery import files

FRAMEWORKS = ("FastAPI", "Flask", "Starlette", "Litestar", "Quart", "Celery")
ASGI = ("FastAPI", "Starlette", "Litestar", "Quart")
HEALTHS = (
    "/health",
    "/healthz",
    "/health/",
    "/healthcheck",
    "/health-check",
    "/health_check",
    "/api/health",
    "/up",
    "/up/",
    "/ping",
    "/status",
    "/livez",
    "/readyz",
    "/health/live",
    "/api/v1/health",
    "/api/healthz",
    "/_health",
    "/_healthz",
    "/heartbeat",
)
STREAMLIT_HEALTH = "/_stcore/health"
_READERS = ("getenv", "config", "env", "get_env", "environ")


@dataclass(kw_only=True)
class Project:
    """What a Python project is; ``apps`` maps a framework to `module:variable`."""

    dependencies: set[str] = field(default_factory=set)
    apps: dict[str, str] = field(default_factory=dict)
    factories: set[str] = field(default_factory=set)
    health: str = ""
    names: list[str] = field(default_factory=list)
    streamlit: str = ""
    gradio: str = ""
    django: str = ""
    main: str = ""
    from_source: bool = False  # the modules lie below `src/`

    @property
    def is_web(self) -> bool:
        """Say whether it answers requests."""
        return bool(self.django or self.streamlit or self.gradio or set(self.apps) - {"Celery"})


def read(folder: Path) -> Project:
    """Look at a Python project's requirements and sources."""
    project = Project(dependencies=dependencies(folder))
    for path in files.python_files(folder):
        text = files.text(path)
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        _module(project, folder, path, tree)
    if (folder / "manage.py").is_file():
        project.django = _django(folder, files.text(folder / "manage.py"))
    return project


def dependencies(folder: Path) -> set[str]:
    """Return the names of the packages that a project requires."""
    text = "\n".join(
        files.text(path)
        for path in (folder / "requirements.txt", *sorted((folder / "requirements").glob("*.txt")))
    )
    given = files.toml_map(folder / "pyproject.toml")
    listed = files.listing(files.mapping(given.get("project")).get("dependencies"))
    poetry = files.mapping(files.mapping(files.mapping(given.get("tool")).get("poetry")))
    pipfile = files.mapping(files.toml_map(folder / "Pipfile").get("packages"))
    rows = [
        *text.splitlines(),
        *map(str, listed),
        *files.mapping(poetry.get("dependencies")),
        *pipfile,
    ]
    names = (re.match(r"\s*([A-Za-z0-9][\w.-]*)(\[[\w,\s-]*\])?", row) for row in rows)
    return {re.sub(r"[-_.]+", "-", found[1]).lower() for found in names if found} | {
        extra.strip().lower()
        for row in rows
        for bracket in re.findall(r"\[([\w,\s-]+)\]", row)
        for extra in bracket.split(",")
    }


def _module(project: Project, folder: Path, path: Path, tree: ast.Module) -> None:
    name = _dotted(project, folder, path)
    imports = set(_imports(tree))
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            made = _called(node.value)
            if made in FRAMEWORKS and isinstance(target, ast.Name):
                project.apps.setdefault(made, f"{name}:{target.id}")
            elif made in ("create_app", "make_app", "get_app", "get_application") and isinstance(
                target, ast.Name
            ):
                project.apps.setdefault(_framework(project), f"{name}:{target.id}")
        elif isinstance(node, ast.FunctionDef) and node.name in ("create_app", "make_app"):
            framework = next((f for f in ("FastAPI", "Flask", "Quart") if f.lower() in imports), "")
            if framework and framework not in project.apps:
                project.apps[framework] = f"{name}:{node.name}"
                project.factories.add(framework)
    depth = len(path.relative_to(folder).parts)
    shown = path.relative_to(folder).as_posix()
    if "streamlit" in imports and (not project.streamlit or (depth == 1 and _first(path))):
        project.streamlit = shown
    if "gradio" in imports and not project.gradio:
        project.gradio = shown
    if depth == 1 and path.stem in ("main", "app", "bot", "worker", "run") and not project.main:
        project.main = shown
    for found in _strings(tree):
        if found in HEALTHS and not project.health:
            project.health = found
    project.names += [n for n in _read_names(tree) if n not in project.names]


def _first(path: Path) -> bool:
    return path.stem.lower() in ("streamlit_app", "app", "main", "home")


def _framework(project: Project) -> str:
    known = [f for f in ("FastAPI", "Flask", "Quart") if f.lower() in project.dependencies]
    return known[0] if known else "Flask"


def _dotted(project: Project, folder: Path, path: Path) -> str:
    parts = list(path.relative_to(folder).with_suffix("").parts)
    if parts[0] == "src" and len(parts) > 1 and not (folder / "src" / "__init__.py").exists():
        project.from_source = True
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def _called(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _strings(tree: ast.Module) -> Iterator[str]:
    """Yield the paths of routes: first arguments of decorators and of `path(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            value, name = node.args[0].value, _called(node)
            if isinstance(value, str) and name in ("get", "route", "api_route", "head", "Route"):
                yield value
            elif isinstance(value, str) and name in ("path", "re_path", "url"):
                yield "/" + value.strip("^$").lstrip("/")


def _read_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the variables that a module reads."""
    for node in ast.walk(tree):
        found: ast.expr | None = None
        if isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "environ":
            found = node.slice
        elif isinstance(node, ast.Call) and node.args:
            reads = _called(node) in _READERS or (
                _called(node) == "get" and "environ" in ast.dump(node.func)
            )
            found = node.args[0] if reads else None
        elif isinstance(node, ast.ClassDef) and any("Settings" in ast.dump(b) for b in node.bases):
            yield from (
                row.target.id.upper()
                for row in node.body
                if isinstance(row, ast.AnnAssign) and isinstance(row.target, ast.Name)
            )
        name = found.value if isinstance(found, ast.Constant) else None
        if isinstance(name, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
            yield name


def _django(folder: Path, manage: str) -> str:
    settings = re.search(r"DJANGO_SETTINGS_MODULE\W+([\w.]+)", manage)
    module = settings[1].split(".settings")[0] if settings else ""
    for kind in ("wsgi", "asgi"):
        for path in sorted(folder.glob(f"*/{kind}.py")):
            if not module or path.parent.name == module:
                return f"{path.parent.name}.{kind}:application"
    return f"{module}.wsgi:application" if module else "wsgi:application"
