"""For each provider of `/v2/integrations`: what creates it, how it is read, and what changes it."""

from typing import NamedTuple

from podium import SECRET
from releases import Release

OTHER = f"{SECRET}-other"
URL, ELSEWHERE = "https://models.example/v1", "https://elsewhere.example/v1"
ROLE = "arn:aws:iam::123456789012:role/models"


class Change(NamedTuple):
    """Members of `config`, the members that a read then has changed, and who knows to ask."""

    config: dict
    read: dict
    since: str = "8.38"


class Sample(NamedTuple):
    create: dict
    read: dict
    changes: list[Change]


def same(**members) -> Change:
    """A change that is read as it was written."""
    return Change(members, members)


KEY = {"api_key": SECRET}
HAS_KEY = {"has_api_key": True, "is_function_calling_enabled": True}
MODELS = {"model_names": ["b", "a"]}
HAS_MODELS = MODELS | {"is_default_models_enabled": False}
HEADERS = {"headers": {"X-Team": SECRET}}
VERTEX = {"project_id": "p", "location": "europe-west4", "project_access_label": "team"}

KEY_CHANGES = [
    Change({"api_key": None}, {"has_api_key": False}),
    Change({"api_key": OTHER}, {"has_api_key": True}),
    same(is_function_calling_enabled=False),
]
MODEL_CHANGES = [
    Change({"model_names": ["b", "c", "b"]}, {"model_names": ["b", "c"]}),
    same(is_default_models_enabled=True),
    same(model_names=[]),
]
HEADER_CHANGES = [
    # The same name again: nothing that is stored goes elsewhere, so the key may stay away.
    Change({"headers": {"X-Team": OTHER}}, {}),
    Change(
        {"headers": {"X-A": OTHER, "X-B": OTHER}, "api_key": OTHER},
        {"header_names": ["X-A", "X-B"]},
    ),
    Change({"headers": None, "api_key": OTHER}, {"header_names": []}),
]
MOVE = Change({"base_url": ELSEWHERE, "api_key": OTHER}, {"base_url": ELSEWHERE})
MOVE_BACK = Change({"base_url": None, "api_key": OTHER}, {"base_url": None})

ROLE_AUTH = {"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": "outside", "base_url": None}
BEDROCK_AUTHS = [
    Change(
        {"auth": {"auth_type": "BEARER_TOKEN", "api_key": SECRET}},
        {"auth": {"auth_type": "BEARER_TOKEN", "has_api_key": True, "base_url": None}},
    ),
    Change(
        {"auth": {"auth_type": "PROXY_WITH_HEADERS", "base_url": URL} | HEADERS},
        {"auth": {"auth_type": "PROXY_WITH_HEADERS", "base_url": URL, "header_names": ["X-Team"]}},
    ),
    Change(
        {"auth": {"auth_type": "DEFAULT", "role_arn": f"{ROLE}-2"}},
        {"auth": ROLE_AUTH | {"role_arn": f"{ROLE}-2", "external_id": None}},
    ),
]
OAUTH = {
    "auth_type": "OAUTH2_CLIENT_CREDENTIALS",
    "token_url": "https://login.example/token",
    "client_id": "team",
    "scopes": "models.read models.use",
}
CUSTOM_AUTHS = [
    Change(
        {"auth": OAUTH | {"client_secret": SECRET}},
        {"auth": OAUTH | {"has_client_secret": True, "audience": None}, "has_api_key": False},
        "8.55",
    ),
    Change(
        {"auth": {"auth_type": "DEFAULT", "api_key": OTHER}},
        {"auth": {"auth_type": "DEFAULT", "has_api_key": True}, "has_api_key": True},
        "8.55",
    ),
    Change(
        {"auth": {"auth_type": "DEFAULT"}},
        {"auth": {"auth_type": "DEFAULT", "has_api_key": False}, "has_api_key": False},
        "8.55",
    ),
]

LLM = {
    "OPEN_AI": Sample(KEY, HAS_KEY, KEY_CHANGES),
    "ANTHROPIC": Sample(
        KEY,
        HAS_KEY | {"base_url": None},
        [*KEY_CHANGES, MOVE._replace(since="8.50"), MOVE_BACK._replace(since="8.50")],
    ),
    "GEMINI": Sample(KEY, HAS_KEY, KEY_CHANGES),
    "AWS_BEDROCK": Sample(
        MODELS | {"auth": {"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": "outside"}},
        HAS_MODELS | {"auth": ROLE_AUTH},
        [*MODEL_CHANGES, *BEDROCK_AUTHS],
    ),
    "CUSTOM": Sample(
        KEY | MODELS | HEADERS | {"base_url": URL},
        HAS_KEY
        | HAS_MODELS
        | {"base_url": URL, "header_names": ["X-Team"]}
        | {"auth": {"auth_type": "DEFAULT", "has_api_key": True}},
        [
            *MODEL_CHANGES,
            *HEADER_CHANGES,
            MOVE,
            *CUSTOM_AUTHS,
            same(is_function_calling_enabled=False),
        ],
    ),
    "VERTEX_AI": Sample(VERTEX, VERTEX, [same(**{name: f"new-{name}"}) for name in VERTEX]),
    "NVIDIA_NIM": Sample(
        KEY | MODELS | HEADERS | {"base_url": URL},
        HAS_KEY | HAS_MODELS | {"base_url": URL, "header_names": ["X-Team"]},
        [*KEY_CHANGES, *MODEL_CHANGES, *HEADER_CHANGES, MOVE, MOVE_BACK],
    ),
    "LITELLM": Sample(
        KEY | MODELS | HEADERS | {"base_url": URL},
        HAS_KEY | MODELS | {"base_url": URL, "header_names": ["X-Team"]},
        [*KEY_CHANGES, same(model_names=["c"]), same(model_names=[]), *HEADER_CHANGES, MOVE],
    ),
    "FIREWORKS": Sample(KEY | MODELS, HAS_KEY | HAS_MODELS, [*KEY_CHANGES, *MODEL_CHANGES]),
    "TOGETHER_AI": Sample(KEY | MODELS, HAS_KEY | HAS_MODELS, [*KEY_CHANGES, *MODEL_CHANGES]),
}


def llm(provider: str = "OPEN_AI", name: str = "models", **members) -> dict:
    """What creates an integration of the provider, with other members of `config`."""
    config = {"provider": provider} | LLM[provider].create | members
    return {"type": "LLM", "name": name, "config": config}


def llm_change(**config) -> dict:
    return {"type": "LLM", "config": config}


def read(release: Release, config: dict) -> dict:
    """The config as the release reads it, which may have members that others do not know."""
    config = dict(config)
    if not release.since("8.45"):
        late = {"CUSTOM": "auth", "ANTHROPIC": "base_url"}.get(config["provider"])
        config.pop(late, None)
    if not release.since("8.39"):
        config.setdefault("is_default_models_enabled", False)
    return release.spelled(config)


SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "depth": {"type": ["integer", "null"]}},
    "required": ["question"],
}
ENDPOINT = "https://agent.example/v1/run"


def agent(name: str = "helper", **members) -> dict:
    """What creates an agent, with other members of `config`."""
    config = {"endpoint": ENDPOINT, "input_schema": SCHEMA} | members
    return {"type": "AGENT", "name": name, "config": config}


def evaluator(name: str = "judge", **members) -> dict:
    return agent(name, **members) | {"type": "EVALUATOR"}


def preset(name: str, **members) -> dict:
    return {"name": name, "config": {"question": f"{name}?"}} | members
