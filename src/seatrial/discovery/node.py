"""A Node project: a site that is built, or a program that is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seatrial.discovery import files

_OUTPUTS = {  # what builds files for a browser, and where it leaves them
    "vite": "dist",
    "react-scripts": "build",
    "@angular/cli": "dist",
    "@vue/cli-service": "dist",
    "parcel": "dist",
    "gatsby": "public",
    "@11ty/eleventy": "_site",
    "astro": "dist",
}
_SERVERS = (
    "next",
    "nuxt",
    "@remix-run/serve",
    "@sveltejs/adapter-node",
    "express",
    "fastify",
    "koa",
    "@nestjs/core",
    "hapi",
    "@hapi/hapi",
    "hono",
    "@astrojs/node",
)
_INSTALLS = {
    "package-lock.json": ("npm ci", "npm run build"),
    "pnpm-lock.yaml": ("pnpm install --frozen-lockfile", "pnpm run build"),
    "yarn.lock": ("yarn install --frozen-lockfile", "yarn build"),
    "bun.lock": ("bun install --frozen-lockfile", "bun run build"),
    "bun.lockb": ("bun install --frozen-lockfile", "bun run build"),
}


@dataclass(frozen=True)
class Project:
    """A Node project; ``output`` is the folder of a site's files, empty where it is no site."""

    output: str = ""
    build: str = ""
    starts: bool = False


def read(folder: Path) -> Project | None:
    """Look at a `package.json`; None where there is none."""
    given = files.json_map(folder / "package.json")
    if not given:
        return None
    packages = files.mapping(given.get("dependencies")) | files.mapping(
        given.get("devDependencies")
    )
    scripts = files.mapping(given.get("scripts"))
    output = next((out for name, out in _OUTPUTS.items() if name in packages), "")
    if "build" not in scripts or any(name in packages for name in _SERVERS):
        output = ""
    locked = next((name for name in _INSTALLS if (folder / name).is_file()), "")
    install, build = _INSTALLS.get(locked, ("npm install", "npm run build"))
    return Project(output, f"{install} && {build}", "start" in scripts)
