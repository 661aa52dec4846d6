"""How a Python project is started where its files do not say so."""

from __future__ import annotations

from seatrial.discovery.python import ASGI, STREAMLIT_HEALTH, Project

WEB_PORT, STREAMLIT_PORT, GRADIO_PORT, NODE_PORT = 8000, 8501, 7860, 3000


def web(project: Project, port: int) -> str:
    """Return the command that serves a project's pages or API; empty where none is known."""
    if project.django:
        return _django(project, port)
    for framework in ASGI:
        if framework in project.apps:
            return _asgi(project, framework, port)
    if "Flask" in project.apps:
        return _flask(project, port)
    if project.streamlit:
        return f"streamlit run {project.streamlit} --server.port {port} --server.address 0.0.0.0"
    if project.gradio:
        return f"python {project.gradio}"
    return ""


def port(project: Project) -> int | None:
    """Return the port of the command of `web`; None where nothing is served."""
    if project.django or set(project.apps) - {"Celery"}:
        return WEB_PORT
    if project.streamlit:
        return STREAMLIT_PORT
    return GRADIO_PORT if project.gradio else None


def health(project: Project) -> str:
    """Return the path to ask whether the program is well; empty where none is known."""
    only_streamlit = project.streamlit and not project.django and not project.apps
    return STREAMLIT_HEALTH if only_streamlit else project.health


def celery(project: Project) -> str:
    """Return the command of a Celery worker; empty where there is no Celery."""
    module = project.apps.get("Celery", "").split(":")[0]
    return f"celery -A {module} worker --loglevel info" if module else ""


def _django(project: Project, port: int) -> str:
    if "gunicorn" in project.dependencies and ".wsgi" in project.django:
        return f"gunicorn {project.django} --bind 0.0.0.0:{port}"
    if {"uvicorn", "daphne"} & project.dependencies and ".asgi" in project.django:
        return f"uvicorn {project.django} --host 0.0.0.0 --port {port}"
    return f"python manage.py runserver --noreload 0.0.0.0:{port}"


def _asgi(project: Project, framework: str, port: int) -> str:
    module = project.apps[framework]
    factory = " --factory" if framework in project.factories else ""
    folder = " --app-dir src" if project.from_source else ""
    server = "hypercorn" if "hypercorn" in project.dependencies else "uvicorn"
    if server == "hypercorn":
        return f"hypercorn {module} --bind 0.0.0.0:{port}"
    return f"uvicorn {module} --host 0.0.0.0 --port {port}{factory}{folder}"


def _flask(project: Project, port: int) -> str:
    module = project.apps["Flask"]
    if "gunicorn" in project.dependencies:
        call = "()" if "Flask" in project.factories else ""
        folder = " --chdir src" if project.from_source else ""
        quoted = f"'{module}{call}'" if call else module
        return f"gunicorn {quoted} --bind 0.0.0.0:{port}{folder}"
    return f"flask --app {module} run --host 0.0.0.0 --port {port}"
