"""App files of tests that hold all nouns: one with a CDN, one on a public balancer."""

from __future__ import annotations

EVERY_NOUN = """
app: shop
region: us-east-1
tags: {team: data}
domain: {name: app.example.com, zone_name: example.com, zone: create, www: true, health_check: true}
firewall: true
users: {mfa: required}
alarms:
  email: ops@example.com
  webhook: https://events.example.com/sns
  slack: {workspace: T07EA, channel: C07EZ}
dashboard: true
budget: 100
profile: production
services:
  api:
    build: ./api
    command: run
    port: 8000
    public: /
    uses: [db, {facts: read}, cache, orders: send, events, users: admin]
    capacity: {base: 1, spot: 3}
    count: 2
  worker:
    {build: ./api, command: run, uses: [orders: receive, files, sessions: write], capacity: spot,
     count: {min: 1, schedule: {nights: {at: 0 20 * * 1-5, min: 0, timezone: Europe/Paris}}}}
  beat: {build: ./api, command: run, count: one}
sites: {web: {build: ./api, spa: true, routes: {/api/*: api}}}
databases: {db: {engine: mysql, parameters: {max_connections: 100, long_query_time: 1}}, facts: {}}
tables:
  sessions: {key: user, sort: {at: number}, indexes: {by-mail: mail}, ttl: expires}
caches: {cache: {replicas: 1, backups: 7 days}}
queues: {orders: {}}
topics:
  events: {email: [ops@example.com], webhook: [https://events.example.com/sns], queues: [orders]}
buckets: {files: {expire: 30 days, versioned: true}}
terraform: {patches: {aws_lb.main: {idle_timeout: 120}}}
"""
ON_A_BALANCER = """
app: shop
region: us-east-1
edge: balancer
domain: {name: example.com, www: true}
firewall: {count: true, large_bodies: true}
logs: {access: true, flows: true}
services: {api: {build: ./api, command: run, port: 8080, public: /}}
"""
ON_BEDROCK = r"""
app: shop
region: us-east-1
services:
  api: {build: ./api, command: run, port: 8080, public: /, uses: [safe, writer, docs: sync, helper]}
agents:
  helper:
    model: writer
    instruction: You answer questions on tables, and say so where you do not know.
    session: 500 s
    knowledge: {docs: Look here for the columns of tables.}
    guardrail: safe
models: {writer: us.amazon.nova-lite-v1:0, embedder: amazon.titan-embed-text-v2:0}
queues: {mail: fifo}
buckets: {files: {}}
secrets:
  pinecone: {arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:pinecone-a1B2c3'}
knowledge:
  docs:
    bucket: files
    prefix: docs/
    embedding: embedder
    store: {pinecone: 'https://docs.svc.pinecone.io', secret: pinecone}
guardrails:
  safe:
    filters: {hate: medium, insults: {input: low, output: high}, prompt-attack: high}
    words: [project x]
    profanity: true
    pii: {email: anonymize, name: block}
    patterns: {ssn: '\d{3}-\d{2}-\d{4}', price: {pattern: '[$]{2}\d+', action: anonymize}}
    denied:
      Investment advice: {definition: Advice on shares, examples: [Should I buy gold?]}
      Politics: Parties and elections.
    messages: {input: Ask me of shoes.}
"""
