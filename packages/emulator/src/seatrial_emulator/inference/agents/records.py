"""Agents, their versions and aliases: the operations on them (agents API reference)."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from seatrial_emulator.inference.conversation import InferenceError
from seatrial_emulator.inference.knowledge.records import SERVICE, Roles
from seatrial_emulator.inference.operations import (
    Operation,
    Operations,
    Place,
    Request,
    Row,
    Tags,
    identifier,
    now,
)

DRAFT = "DRAFT"
TEST_ALIAS = "TSTALIASID"  # every agent's own alias of its draft
IDLE_SECONDS = 600  # where a request does not say how long a session lasts
_DEFAULTS: Row = {
    "agentCollaboration": "DISABLED",
    "idleSessionTTLInSeconds": IDLE_SECONDS,
    "orchestrationType": "DEFAULT",
    "promptOverrideConfiguration": {"promptConfigurations": []},
}


@dataclass
class Version:
    """An agent at one time: its record, and its knowledge bases by their IDs."""

    row: Row
    bases: dict[str, Row] = field(default_factory=dict)


@dataclass
class Agent:
    """One agent: its versions by their names, DRAFT among them, and its aliases by their IDs."""

    versions: dict[str, Version]
    aliases: dict[str, Row] = field(default_factory=dict)

    @property
    def draft(self) -> Version:
        """Return what changes are made to."""
        return self.versions[DRAFT]


class Agents:
    """One account's agents."""

    def __init__(self, place: Place, tags: Tags, roles: Roles) -> None:
        self.place, self.tags, self.roles = place, tags, roles
        self.rows: dict[str, Agent] = {}

    def operations(self) -> Operations:
        """Return the operations on agents, by service and name."""
        of_agents = {
            "AssociateAgentKnowledgeBase": self.associate,
            "CreateAgentAlias": self.create_alias,
            "DeleteAgent": self.delete,
            "DisassociateAgentKnowledgeBase": self.disassociate,
            "GetAgent": lambda r: {"agent": self.agent(r.parameters).draft.row},
            "GetAgentKnowledgeBase": lambda r: {"agentKnowledgeBase": self._base(r.parameters)},
            "GetAgentVersion": self.get_version,
            "ListAgentActionGroups": lambda _: {"actionGroupSummaries": []},
            "ListAgentAliases": self.list_aliases,
            "ListAgentKnowledgeBases": self.list_bases,
            "ListAgentVersions": self.list_versions,
            "PrepareAgent": self.prepare,
            "UpdateAgent": self.update,
            "UpdateAgentKnowledgeBase": self.update_base,
        }
        of_aliases = {
            "DeleteAgentAlias": self.delete_alias,
            "GetAgentAlias": lambda r: {"agentAlias": self.alias(r.parameters)},
            "UpdateAgentAlias": self.update_alias,
        }
        found: Operations = {
            (SERVICE, name): Operation(run=run, resource=self.arn)
            for name, run in of_agents.items()
        }
        for name, run in of_aliases.items():
            found[SERVICE, name] = Operation(run=run, resource=self.alias_arn)
        found[SERVICE, "CreateAgent"] = Operation(run=self.create)
        found[SERVICE, "ListAgents"] = Operation(run=self.list_)
        return found

    def arn(self, given: Row) -> str:
        """Return the ARN of the agent that a call is about."""
        return self.place.arn("agent", given["agentId"])

    def alias_arn(self, given: Row) -> str:
        """Return the ARN of the alias that a call is about."""
        return self.place.arn("agent-alias", f"{given['agentId']}/{given['agentAliasId']}")

    def agent(self, given: Row) -> Agent:
        """Return the agent of a call; raises InferenceError."""
        if given["agentId"] not in self.rows:
            text = f"Failed to retrieve resource because it doesn't exist. Agent {given['agentId']}"
            raise InferenceError("ResourceNotFoundException", text)
        return self.rows[given["agentId"]]

    def alias(self, given: Row) -> Row:
        """Return the alias of a call; raises InferenceError."""
        name, agent = given["agentAliasId"], self.agent(given)
        if name == TEST_ALIAS:
            return self._alias(given, TEST_ALIAS, "AgentTestAlias", DRAFT)
        if name not in agent.aliases:
            text = f"Failed to retrieve resource because it doesn't exist. Alias {name}"
            raise InferenceError("ResourceNotFoundException", text)
        return agent.aliases[name]

    def create(self, request: Request) -> Row:
        """Create an agent's draft, which is not prepared yet."""
        given = request.parameters
        if any(given["agentName"] == a.draft.row["agentName"] for a in self.rows.values()):
            text = f"Could not create Agent. An Agent named {given['agentName']} already exists."
            raise InferenceError("ConflictException", text)
        self._refuse(given)
        name = identifier(10, upper=True)
        row = _DEFAULTS | _stated(given) | {"agentId": name, "agentVersion": DRAFT}
        row |= {"agentArn": self.place.arn("agent", name), "agentStatus": "NOT_PREPARED"}
        self.rows[name] = Agent({DRAFT: Version(row | {"createdAt": now(), "updatedAt": now()})})
        self.tags.rows[row["agentArn"]] = dict(given.get("tags") or {})
        return {"agent": self.rows[name].draft.row}

    def update(self, request: Request) -> Row:
        """Replace an agent's draft; it must be prepared again."""
        draft, given = self.agent(request.parameters).draft, request.parameters
        self._refuse(given)
        same = ("agentId", "agentArn", "agentVersion", "createdAt")
        draft.row = _DEFAULTS | _stated(given) | {key: draft.row[key] for key in same}
        draft.row |= {"agentStatus": "NOT_PREPARED", "updatedAt": now()}
        return {"agent": draft.row}

    def prepare(self, request: Request) -> Row:
        """Prepare the draft: it can be invoked, and versions made of it."""
        row = self.agent(request.parameters).draft.row
        if not row.get("instruction") or not row.get("foundationModel"):
            text = "An agent needs a foundation model and an instruction to be prepared."
            raise InferenceError("ValidationException", text)
        row |= {"agentStatus": "PREPARED", "preparedAt": now()}
        return {k: row[k] for k in ("agentId", "agentStatus", "agentVersion", "preparedAt")}

    def delete(self, request: Request) -> Row:
        """Delete an agent with its versions; one with aliases only where that is not checked."""
        agent, given = self.agent(request.parameters), request.parameters
        if agent.aliases and not given.get("skipResourceInUseCheck"):
            text = "Agent has aliases. Delete them first, or set skipResourceInUseCheck."
            raise InferenceError("ConflictException", text)
        del self.rows[given["agentId"]]
        self.tags.rows.pop(self.arn(given), None)
        return {"agentId": given["agentId"], "agentStatus": "DELETING"}

    def list_(self, _: Request) -> Row:
        """Return every agent in short."""
        return {"agentSummaries": [agent.draft.row for agent in self.rows.values()]}

    def get_version(self, request: Request) -> Row:
        """Return a numbered version."""
        found = self.agent(request.parameters).versions.get(request.parameters["agentVersion"])
        if found is None:
            text = "Failed to retrieve resource because it doesn't exist. Version"
            raise InferenceError("ResourceNotFoundException", text)
        return {"agentVersion": found.row | {"version": found.row["agentVersion"]}}

    def list_versions(self, request: Request) -> Row:
        """Return every version in short."""
        rows = [version.row for version in self.agent(request.parameters).versions.values()]
        return {"agentVersionSummaries": rows}

    def create_alias(self, request: Request) -> Row:
        """Create an alias: of a version that is named, else of a new one of the prepared draft."""
        given, agent = request.parameters, self.agent(request.parameters)
        names = {row["agentAliasName"] for row in agent.aliases.values()}
        if given["agentAliasName"] in names:
            text = f"An alias named {given['agentAliasName']} already exists."
            raise InferenceError("ConflictException", text)
        name = identifier(10, upper=True)
        version = self._routed(agent, given)
        row = self._alias(given, name, given["agentAliasName"], version)
        agent.aliases[name] = row | {k: given[k] for k in ("description",) if given.get(k)}
        self.tags.rows[row["agentAliasArn"]] = dict(given.get("tags") or {})
        return {"agentAlias": agent.aliases[name]}

    def update_alias(self, request: Request) -> Row:
        """Change an alias; without a version it leads to a new one of the draft."""
        given, agent = request.parameters, self.agent(request.parameters)
        row = self.alias(given)
        row["routingConfiguration"] = [{"agentVersion": self._routed(agent, given)}]
        row |= {k: given[k] for k in ("agentAliasName", "description") if given.get(k)}
        row["updatedAt"] = now()
        return {"agentAlias": row}

    def delete_alias(self, request: Request) -> Row:
        """Delete an alias."""
        given = request.parameters
        row = self.alias(given)
        self.agent(given).aliases.pop(given["agentAliasId"], None)
        self.tags.rows.pop(row["agentAliasArn"], None)
        same = {key: given[key] for key in ("agentId", "agentAliasId")}
        return same | {"agentAliasStatus": "DELETING"}

    def list_aliases(self, request: Request) -> Row:
        """Return an agent's aliases."""
        return {"agentAliasSummaries": list(self.agent(request.parameters).aliases.values())}

    def associate(self, request: Request) -> Row:
        """Give a draft a knowledge base."""
        given, agent = request.parameters, self.agent(request.parameters)
        row = {key: given[key] for key in ("agentId", "knowledgeBaseId", "description")}
        row |= {"agentVersion": DRAFT, "createdAt": now(), "updatedAt": now()}
        row["knowledgeBaseState"] = given.get("knowledgeBaseState") or "ENABLED"
        agent.draft.bases[given["knowledgeBaseId"]] = row
        agent.draft.row["agentStatus"] = "NOT_PREPARED"
        return {"agentKnowledgeBase": row}

    def update_base(self, request: Request) -> Row:
        """Change what a draft knows of a knowledge base."""
        given, row = request.parameters, self._base(request.parameters)
        row |= {k: given[k] for k in ("description", "knowledgeBaseState") if given.get(k)}
        return {"agentKnowledgeBase": row | {"updatedAt": now()}}

    def disassociate(self, request: Request) -> Row:
        """Take a knowledge base from a draft."""
        given = request.parameters
        self._base(given)
        self.agent(given).draft.bases.pop(given["knowledgeBaseId"])
        return {}

    def list_bases(self, request: Request) -> Row:
        """Return the knowledge bases of a draft."""
        rows = list(self.agent(request.parameters).draft.bases.values())
        return {"agentKnowledgeBaseSummaries": rows}

    def _base(self, given: Row) -> Row:
        found = self.agent(given).draft.bases.get(given["knowledgeBaseId"])
        if found is None:
            text = "Failed to retrieve resource because it doesn't exist. Knowledge base"
            raise InferenceError("ResourceNotFoundException", text)
        return found

    def _routed(self, agent: Agent, given: Row) -> str:
        """Return the version that an alias leads to: one that is there, else a new one."""
        routing = given.get("routingConfiguration") or [{}]
        if version := routing[0].get("agentVersion"):
            if version not in agent.versions:
                raise InferenceError("ValidationException", f"Agent version {version} not found")
            return str(version)
        if agent.draft.row["agentStatus"] != "PREPARED":
            text = "Create alias operation can't be performed on Agent when it is in Not Prepared "
            raise InferenceError("ValidationException", text + "state.")
        number = str(max((int(each) for each in agent.versions if each != DRAFT), default=0) + 1)
        agent.versions[number] = copy.deepcopy(agent.draft)
        agent.versions[number].row |= {"agentVersion": number}
        return number

    def _alias(self, given: Row, name: str, title: str, version: str) -> Row:
        return {
            "agentId": given["agentId"],
            "agentAliasId": name,
            "agentAliasName": title,
            "agentAliasArn": self.place.arn("agent-alias", f"{given['agentId']}/{name}"),
            "agentAliasStatus": "PREPARED",
            "routingConfiguration": [{"agentVersion": version}],
            "createdAt": now(),
            "updatedAt": now(),
        }

    def _refuse(self, given: Row) -> None:
        role = given.get("agentResourceRoleArn")
        if role and not self.roles.assumable(role, "bedrock"):
            text = f"Could not assume the role {role}: cannot assume role provided by user"
            raise InferenceError("ValidationException", text)


def _stated(given: Row) -> Row:
    """Return what a request says of an agent."""
    return {k: v for k, v in given.items() if k not in ("tags", "clientToken") and v is not None}
