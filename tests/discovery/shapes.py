"""Small projects, each in the shape of a public one, and the app file that they should get."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/health')\ndef h(): ...\n"
DJANGO = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"


@dataclass(frozen=True)
class Shape:
    """A project's files, and what of its app file matters: `section.name.key` to a value."""

    files: dict[str, str]
    wanted: dict[str, Any]
    left: tuple[str, ...] = ()
    absent: tuple[str, ...] = field(default=())

    def write(self, folder: Path) -> None:
        """Write the project."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


SHAPES = {
    "compose with a proxy, a one-off migration and a front end": Shape(
        {
            "compose.yml": """
name: forum
x-common: &common
  environment:
    - SECRET_KEY=${SECRET_KEY?not set}
    - POSTGRES_SERVER=db
    - POSTGRES_PORT=${POSTGRES_PORT}
    - POSTGRES_DB=${POSTGRES_DB}
    - POSTGRES_USER=${POSTGRES_USER}
    - POSTGRES_PASSWORD=${POSTGRES_PASSWORD}
    - SENTRY_DSN=${SENTRY_DSN}
    - LOG_FORMAT=json
services:
  db: {image: "postgres:17", volumes: ["data:/var/lib/postgresql/data"]}
  adminer: {image: adminer, depends_on: [db]}
  prestart:
    <<: *common
    image: '${IMAGE}:${TAG-latest}'
    build: {context: ., dockerfile: backend/Dockerfile}
    command: bash scripts/prestart.sh
    depends_on: {db: {condition: service_healthy}}
  backend:
    <<: *common
    build: {context: ., dockerfile: backend/Dockerfile}
    depends_on:
      db: {condition: service_healthy}
      prestart: {condition: service_completed_successfully}
    healthcheck: {test: ["CMD", "curl", "-f", "http://localhost:8000/api/v1/live"]}
    labels:
      - traefik.enable=true
      - traefik.http.services.x-backend.loadbalancer.server.port=8000
  frontend:
    build: {context: ., dockerfile: frontend/Dockerfile, args: [VITE_API_URL=https://api]}
    environment: [VITE_API_URL=https://api]
    labels: [traefik.http.services.x-frontend.loadbalancer.server.port=80]
  proxy: {image: "traefik:3", ports: ["80:80"]}
""",
            "backend/Dockerfile": "FROM python:3.12\nCOPY . .\nCMD fastapi run\n",
            "backend/pyproject.toml": "[project]\nname='b'\ndependencies=['fastapi[standard]']\n",
            "frontend/Dockerfile": "FROM node AS b\nRUN npm ci\nFROM nginx:1\nCOPY --from=b /d /h\n",
            "frontend/package.json": '{"scripts": {"build": "vite build"}, '
            '"devDependencies": {"vite": "7"}}',
            ".env": "SECRET_KEY=do-not-read-me\n",
        },
        {
            "app": "forum",
            "services.backend.build": {
                "context": ".",
                "dockerfile": "backend/Dockerfile",
            },
            "services.backend.port": "8000",
            "services.backend.public": "/api",
            "services.backend.health": "/api/v1/live",
            "services.backend.migrate": "bash scripts/prestart.sh",
            "services.backend.env.POSTGRES_SERVER": "${db.host}",
            "services.backend.env.POSTGRES_PASSWORD": "${db.password}",
            "services.backend.env.LOG_FORMAT": "json",
            "databases.db.version": "17",
            "secrets.secret-key.generate": "48",
            "sites.frontend.output": "dist",
            "sites.frontend.routes": {"/api/*": "backend"},
        },
        ("adminer", "traefik", "SENTRY_DSN", "VITE_API_URL"),
        ("services.prestart", "services.frontend", "services.proxy", "services.db"),
    ),
    "compose with Celery, Redis and its dashboard": Shape(
        {
            "docker-compose.yml": """
version: "3.8"
services:
  web:
    build: ./project
    ports: ["8004:8000"]
    command: uvicorn main:app --host 0.0.0.0 --reload
    volumes: ["./project:/usr/src/app"]
    environment:
      - CELERY_BROKER_URL=redis://redis:6379/0
      - CELERY_RESULT_BACKEND=redis://redis:6379/0
    depends_on: [redis]
  worker:
    build: ./project
    command: celery -A worker.celery worker --loglevel=info
    environment: [CELERY_BROKER_URL=redis://redis:6379/0]
    depends_on: [web, redis]
  dashboard:
    build: ./project
    command: celery --broker=redis://redis:6379/0 flower --port=5555
    ports: ["5556:5555"]
    depends_on: [redis, worker]
  redis: {image: "redis:7"}
""",
            "project/Dockerfile": "FROM python:3.12-slim\nCOPY . .\n",
            "project/requirements.txt": "fastapi\ncelery[redis]\n",
            "project/main.py": FASTAPI,
        },
        {
            "services.web.port": "8000",
            "services.web.public": "/",
            "services.web.uses": ["redis"],
            "services.web.env.CELERY_BROKER_URL": "${redis.url}",
            "services.worker.command": "celery -A worker.celery worker --loglevel=info",
            "services.worker.uses": ["redis"],
            "services.dashboard.port": "5555",
            "caches.redis": "valkey",
        },
        (),
        ("services.worker.port", "services.worker.public", "databases"),
    ),
    "compose with an env file, a worker and MySQL": Shape(
        {
            "docker-compose.yaml": """
services:
  web:
    build: {context: ., target: app}
    command: gunicorn shop.wsgi -b 0.0.0.0:8080
    env_file: [.env]
    ports: ["${DOCKER_WEB_PORT:-127.0.0.1:8080}:${PORT:-8080}"]
    healthcheck: {test: "curl localhost:8080/up/"}
    deploy: {replicas: 2}
    depends_on: [mysql]
  worker:
    build: {context: ., target: app}
    command: celery -A shop worker
    env_file: [.env]
    depends_on: [mysql]
  mysql: {image: "mysql:8.0", environment: {MYSQL_ROOT_PASSWORD: example-root}}
""",
            "Dockerfile": "FROM python:3.12 AS app\nEXPOSE 8080\nCMD gunicorn\n",
            "requirements.txt": "Django\n",
            "manage.py": DJANGO,
            "shop/wsgi.py": "application = 1\n",
            ".env": "SECRET_KEY=do-not-read-me\nMYSQL_PASSWORD=do-not-read-me\nTZ=do-not-read-me\n",
        },
        {
            "services.web.port": "8080",
            "services.web.health": "/up/",
            "services.web.count": "2",
            "services.web.migrate": "python manage.py migrate --noinput",
            "services.worker.uses": ["mysql", "secret-key"],
            "databases.mysql": {"engine": "mysql", "version": "8.0"},
        },
        ("TZ",),
        ("services.worker.port", "services.worker.migrate"),
    ),
    "compose of ready-made images": Shape(
        {
            "docker-compose.yml": """
services:
  broker: {image: docker.io/valkey/valkey:8}
  db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: paper}}
  webserver:
    image: ghcr.io/paper/paper:latest
    ports: ["8000:8000"]
    volumes: [data:/usr/src/paper/data]
    environment: {PAPER_REDIS: "redis://broker:6379", PAPER_DBHOST: db, PAPER_OCR: eng}
""",
        },
        {
            "services.webserver.image": "ghcr.io/paper/paper:latest",
            "services.webserver.env.PAPER_REDIS": "${broker.url}",
            "services.webserver.env.PAPER_DBHOST": "${db.host}",
            "services.webserver.env.PAPER_OCR": "eng",
            "caches.broker": "valkey",
        },
        ("/usr/src/paper/data",),
    ),
    "compose with MongoDB behind nginx": Shape(
        {
            "compose.yaml": """
services:
  web: {image: nginx, ports: ["80:80"], depends_on: [backend]}
  backend:
    build: flask
    environment: [FLASK_SERVER_PORT=9090, "MONGO_URL=mongodb://mongo:27017"]
    depends_on: [mongo]
  mongo: {image: mongo}
""",
            "flask/Dockerfile": "FROM python:3\nEXPOSE 9090\nCMD python server.py\n",
            "flask/requirements.txt": "Flask\npymongo\n",
            "flask/server.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        {
            "services.backend.port": "9090",
            "services.backend.public": "/",
            "services.backend.uses": ["mongo-url"],
            "secrets.mongo-url": "by-hand",
        },
        ("mongo", "nginx"),
        ("services.web", "databases"),
    ),
    "compose service called app, on port 80, with a bucket": Shape(
        {
            "docker-compose.yml": """
services:
  app:
    build: .
    command: uvicorn api:app --host 0.0.0.0 --port 80
    ports: [{target: 80, published: 8080}]
    environment: {S3_ENDPOINT: "http://minio:9000", AWS_SECRET_ACCESS_KEY: minio123,
                  UPLOAD_BUCKET: uploads}
  minio: {image: minio/minio, command: server /data}
""",
            "requirements.txt": "fastapi\nuvicorn\n",
            "api.py": FASTAPI,
        },
        {
            "services.app.port": "8080",
            "services.app.command": "uvicorn api:app --host 0.0.0.0 --port 8080",
            "services.app.health": "/health",
            "services.app.env.UPLOAD_BUCKET": "${minio.name}",
            "buckets.minio": {},
        },
        ("listens on 80",),
        ("secrets",),
    ),
    "Copilot with a worker, a job and a database": Shape(
        {
            "copilot/.workspace": "application: planner\n",
            "copilot/api/manifest.yml": """
name: api
type: Load Balanced Web Service
http: {path: '/', healthcheck: /healthz}
image: {build: {dockerfile: docker/Dockerfile.api, context: ./}, port: 8080}
cpu: 512
memory: 1024
count: {range: 2-10}
exec: true
variables: {LOG_LEVEL: info}
secrets: {SESSION_SECRET: /copilot/planner/session, STRIPE_API_KEY: /copilot/planner/stripe}
environments: {prod: {count: 4}}
""",
            "copilot/api/addons/db.yml": """
Resources:
  Cluster:
    Type: 'AWS::RDS::DBCluster'
    Properties: {Engine: aurora-postgresql, EngineVersion: '16.4', Name: !Sub '${App}-db'}
""",
            "copilot/worker/manifest.yml": """
name: worker
type: Backend Service
image: {build: docker/Dockerfile.api}
command: python -m planner.worker
""",
            "copilot/report/manifest.yml": """
name: report
type: Scheduled Job
image: {build: {dockerfile: docker/Dockerfile.api, context: ./}}
command: python -m planner.report
on: {schedule: "@daily"}
""",
            "docker/Dockerfile.api": "FROM python:3.12\nCMD python -m planner\n",
            "pyproject.toml": "[project]\nname='planner'\ndependencies=['fastapi','psycopg']\n",
            "planner/__init__.py": "",
            "planner/web.py": FASTAPI,
        },
        {
            "app": "planner",
            "services.api.build": {"context": ".", "dockerfile": "docker/Dockerfile.api"},
            "services.api.port": "8080",
            "services.api.health": "/healthz",
            "services.api.cpu": "0.5",
            "services.api.memory": "1024 MB",
            "services.api.count": "2",
            "services.api.uses": ["session-secret", "stripe-api-key", "db"],
            "services.worker.command": "python -m planner.worker",
            "databases.db": {"engine": "postgres", "version": "16"},
            "jobs.report.schedule": "0 0 * * *",
            "secrets.stripe-api-key.parameter": "/copilot/planner/stripe",
            "secrets.session-secret.parameter": "/copilot/planner/session",
        },
        ("Aurora", "environments.prod"),
        ("services.worker.public", "services.api.command"),
    ),
    "Copilot with two services at one address": Shape(
        {
            "copilot/web/manifest.yml": """
name: web
type: Load Balanced Web Service
http: {path: /}
image: {build: ./web/Dockerfile, port: 8000}
""",
            "copilot/charts/manifest.yml": """
name: charts
type: Load Balanced Web Service
http: {path: charts}
image: {build: ./charts/Dockerfile, port: 8501}
""",
            "web/Dockerfile": "FROM python\nCMD x\n",
            "charts/Dockerfile": "FROM python\nCMD x\n",
            "charts/requirements.txt": "streamlit\n",
            "charts/app.py": "import streamlit as st\n",
        },
        {
            "services.web.public": "/",
            "services.web.build": "./web",
            "services.charts.public": "/charts",
            "services.charts.port": "8501",
            "services.charts.health": "/_stcore/health",
        },
    ),
    "ECS task definition": Shape(
        {
            ".aws/task-definition.json": """{"family": "shop", "cpu": "1024", "memory": "2048",
 "containerDefinitions": [
  {"name": "shop", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:latest",
   "portMappings": [{"containerPort": 5000}],
   "environment": [{"name": "STAGE", "value": "prod"}],
   "secrets": [{"name": "DATABASE_URL", "valueFrom": "arn:x"}, {"name": "API_KEY", "valueFrom": "y"}],
   "healthCheck": {"command": ["CMD-SHELL", "curl -f http://localhost:5000/ping || exit 1"]},
   "logConfiguration": {"options": {"awslogs-region": "eu-west-1"}}},
  {"name": "xray", "image": "public.ecr.aws/xray/aws-xray-daemon:latest"}]}""",
            "Dockerfile": "FROM python:3.12\nEXPOSE 5000\nCMD gunicorn\n",
            "requirements.txt": "flask\npsycopg2-binary\n",
        },
        {
            "region": "eu-west-1",
            "services.shop.port": "5000",
            "services.shop.health": "/ping",
            "services.shop.cpu": "1",
            "services.shop.uses": ["db", "api-key"],
            "services.shop.env.STAGE": "prod",
            "databases.db.engine": "postgres",
        },
        ("xray",),
    ),
    "Procfile with app.json": Shape(
        {
            "Procfile": "release: python manage.py migrate\n"
            "web: gunicorn shop.wsgi --bind 0.0.0.0:$PORT --log-file -\n"
            "worker: celery -A shop worker && echo done\n",
            "app.json": '{"addons": ["heroku-postgresql:mini", {"plan": "heroku-redis"}, "papertrail"],'
            '"env": {"SECRET_KEY": {"generator": "secret"}, "DEBUG": "off"}}',
            "requirements.txt": "django\ngunicorn\npsycopg2\n",
            "manage.py": DJANGO,
            "shop/wsgi.py": "application = 1\n",
        },
        {
            "services.web.command": "gunicorn shop.wsgi --bind 0.0.0.0:8000 --log-file -",
            "services.web.port": "8000",
            "services.web.migrate": "python manage.py migrate",
            "services.web.env.DEBUG": "off",
            "services.worker.command": ["sh", "-c", "celery -A shop worker && echo done"],
            "services.worker.uses": ["secret-key", "db", "cache"],
            "secrets.secret-key.generate": "48",
        },
        ("papertrail",),
    ),
    "fly.toml": Shape(
        {
            "fly.toml": """
app = "hello-django"
[env]
  PORT = "8000"
  MODE = "web"
[deploy]
  release_command = "python manage.py migrate"
[processes]
  app = "gunicorn hello.wsgi --bind :8000"
  queue = "python manage.py db_worker"
[http_service]
  internal_port = 8000
  auto_stop_machines = "stop"
  [[http_service.checks]]
    path = "/up"
[mounts]
  source = "d"
  destination = "/data"
""",
            "Dockerfile": "FROM python:3.12\nCMD gunicorn\n",
            "requirements.txt": "django\npsycopg\n",
        },
        {
            "app": "hello-django",
            "services.app.port": "8000",
            "services.app.health": "/up",
            "services.app.migrate": "python manage.py migrate",
            "services.queue.command": "python manage.py db_worker",
            "databases.db.engine": "postgres",
        },
        ("/data", "auto_stop"),
        ("services.queue.port",),
    ),
    "a Dockerfile alone": Shape(
        {"Dockerfile": 'FROM rust AS b\nFROM debian\nEXPOSE 7000/tcp\nENTRYPOINT ["/x"]\n'},
        {"services.web.build": ".", "services.web.port": "7000", "services.web.public": "/"},
    ),
    "Streamlit sources alone": Shape(
        {
            "requirements.txt": "streamlit\nopenai\n",
            "Chatbot.py": "import streamlit as st, os\nkey = os.environ['OPENAI_API_KEY']\n",
        },
        {
            "services.web.command": "streamlit run Chatbot.py --server.port 8501 "
            "--server.address 0.0.0.0",
            "services.web.port": "8501",
            "services.web.health": "/_stcore/health",
            "services.web.uses": ["openai-api-key"],
        },
    ),
    "FastAPI below src with a settings class": Shape(
        {
            "pyproject.toml": "[project]\nname='x'\ndependencies=['fastapi', 'uvicorn', 'asyncpg']\n",
            "src/svc/main.py": FASTAPI,
            "src/svc/config.py": "from pydantic_settings import BaseSettings\n"
            "class Settings(BaseSettings):\n    jwt_secret: str\n    page_size: int = 10\n",
            "alembic.ini": "",
        },
        {
            "services.web.command": "uvicorn svc.main:app --host 0.0.0.0 --port 8000 --app-dir src",
            "services.web.health": "/health",
            "services.web.migrate": "alembic upgrade head",
            "services.web.uses": ["jwt-secret", "db"],
        },
    ),
    "Flask made by a function, with MySQL and Celery": Shape(
        {
            "requirements.txt": "flask\ngunicorn\npymysql\ncelery[redis]\n",
            "blog/__init__.py": "from flask import Flask\ndef create_app():\n    return Flask('x')\n",
            "blog/tasks.py": "from celery import Celery\nqueue = Celery('x')\n",
            ".env.example": "SECRET_KEY=change\nMAIL_SERVER=\n",
        },
        {
            "services.web.command": "gunicorn 'blog:create_app()' --bind 0.0.0.0:8000",
            "services.web.uses": ["secret-key", "db", "cache"],
            "services.worker.command": "celery -A blog.tasks worker --loglevel info",
            "databases.db.engine": "mysql",
            "caches.cache": "valkey",
        },
        ("MAIL_SERVER",),
    ),
    "a back end and a front end side by side": Shape(
        {
            "backend/requirements.txt": "fastapi\nuvicorn\n",
            "backend/app.py": FASTAPI,
            "frontend/package.json": '{"scripts": {"build": "react-scripts build"}, '
            '"dependencies": {"react-scripts": "5"}}',
            "frontend/yarn.lock": "",
        },
        {
            "services.backend.command": "uvicorn app:app --host 0.0.0.0 --port 8000",
            "services.backend.public": "/api",
            "sites.frontend.output": "build",
            "sites.frontend.command": ["sh", "-c", "yarn install --frozen-lockfile && yarn build"],
        },
    ),
    "a Node server": Shape(
        {"package.json": '{"scripts": {"start": "node ."}, "dependencies": {"express": "5"}}'},
        {"services.web.port": "3000", "services.web.public": "/"},
    ),
}
