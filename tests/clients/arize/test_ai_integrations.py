"""The older family, `client.ai_integrations`: flat, and with every provider."""

import re

import pytest

from podium import SECRET
from releases import NEWEST, OLDER_PROVIDERS, RELEASES, Release
from samples import ELSEWHERE, LLM, OAUTH, OTHER, ROLE, URL, VERTEX, llm
from sdk import Sdk, check_envelope, refused

KNOWN = [
    (each, provider)
    for each in RELEASES
    for provider in OLDER_PROVIDERS
    if provider in each.older_providers
]
AWS = {"kind": "AWS", "role_arn": ROLE, "external_id": "outside"}
GCP = {"kind": "GCP"} | VERTEX
MASK = re.compile(r"\*{4}\w{8}\*{4}\S{4}")
WITH_KEY = {
    "api_key": SECRET,
    "base_url": URL,
    "headers": {"X-A": SECRET, "X-B": SECRET},
    "model_names": ["b", "a"],
    "enable_default_models": True,
    "function_calling_enabled": False,
}
PLAIN = {
    "has_api_key": False,
    "base_url": None,
    "headers": set(),
    "model_names": [],
    "enable_default_models": False,
    "function_calling_enabled": True,
    "auth_type": "DEFAULT",
    "provider_metadata": None,
}


class Older:
    """The older family in one release; values are given in capitals."""

    def __init__(self, sdk: Sdk):
        self.sdk, self.release = sdk, sdk.release

    def call(self, verb: str, **arguments):
        arguments = self.release.spelled(arguments)
        if metadata := arguments.get("provider_metadata"):
            kind = metadata["kind"].title()
            suffix = "Request" if self.release.since("8.45") else ""
            arguments["provider_metadata"] = {f"{kind}ProviderMetadata{suffix}": metadata}
        return self.sdk.call(f"ai_integrations.{verb}", **arguments)

    def create(self, provider: str, name: str = "models", **settings):
        return self.call("create", name=name, provider=provider, **settings)

    def update(self, id: str, **changes):
        return self.call("update", integration=id, **changes)

    def get(self, id: str, **where):
        return self.call("get", integration=id, **where)

    def list(self, **query) -> list[dict]:
        page = self.call("list", **query)
        assert page["pagination"]["has_more"] is False
        return page["ai_integrations"]


@pytest.fixture
def older(connect):
    return lambda release=NEWEST: Older(connect(release))


def settings(made: dict) -> dict:
    """The settings of an integration; of the headers the names, for all values are masked."""
    headers = made.get("headers") or {}
    assert all(MASK.fullmatch(value) for value in headers.values()), headers
    masked = {"headers": set(headers), "model_names": made.get("model_names") or []}
    return {key: made.get(key) for key in PLAIN} | masked


def created(provider: str) -> tuple[dict, dict]:
    """What creates an integration of the provider, and the settings it then has."""
    if provider == "AWS_BEDROCK":
        aws = {"provider_metadata": AWS, "model_names": ["a"]}
        return aws, PLAIN | aws
    if provider == "VERTEX_AI":
        return {"provider_metadata": GCP}, PLAIN | {"provider_metadata": GCP}
    told = {key: value for key, value in WITH_KEY.items() if key != "api_key"}
    return WITH_KEY, PLAIN | told | {"headers": {"X-A", "X-B"}, "has_api_key": True}


@pytest.mark.parametrize("release, provider", KNOWN, ids=str)
def test_an_integration_lives_and_changes(older, release: Release, provider):
    family = older(release)
    given, expected = created(provider)
    made = family.create(provider, **given)
    check_envelope(made, "LlmIntegration")
    assert made["name"] == "models"
    assert made["provider"] == release.spelled({"provider": provider})["provider"]
    assert settings(made) == release.spelled(expected)
    assert family.get(made["id"]) == made
    assert family.list() == [made]

    for change, told in changes(provider):
        changed = family.update(made["id"], **change)
        expected |= told
        assert settings(changed) == release.spelled(expected), change
        assert family.get(made["id"]) == changed

    renamed = family.update(made["id"], name="renamed", provider=provider)
    assert renamed["name"] == "renamed"
    family.call("delete", integration=made["id"])
    assert family.list() == []
    with refused(404):
        family.get(made["id"])


def changes(provider: str) -> list[tuple[dict, dict]]:
    if provider == "AWS_BEDROCK":
        role = {"provider_metadata": AWS | {"role_arn": f"{ROLE}-2"}}
        return [(role, role), ({"model_names": ["b"]}, {"model_names": ["b"]})]
    if provider == "VERTEX_AI":
        project = {"provider_metadata": GCP | {"project_id": "q"}}
        return [(project, project), ({"model_names": ["b"]}, {"model_names": ["b"]})]
    return [
        ({"api_key": None}, {"has_api_key": False}),
        ({"api_key": OTHER}, {"has_api_key": True}),
        ({"model_names": ["c"]}, {"model_names": ["c"]}),
        ({"enable_default_models": False}, {"enable_default_models": False}),
        ({"function_calling_enabled": True}, {"function_calling_enabled": True}),
        ({"headers": {"X-C": OTHER}, "api_key": OTHER}, {"headers": {"X-C"}}),
        ({"headers": None, "api_key": OTHER}, {"headers": set()}),
        ({"base_url": ELSEWHERE, "api_key": OTHER}, {"base_url": ELSEWHERE}),
    ]


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_mask_of_a_header_keeps_its_value(older, release):
    family = older(release)
    made = family.create("CUSTOM", **WITH_KEY)
    masks = made["headers"]
    assert masks["X-A"] != masks["X-B"]
    changed = family.update(made["id"], headers=masks | {"X-B": OTHER})["headers"]
    assert changed["X-A"] == masks["X-A"]
    assert changed["X-B"] != masks["X-B"]
    with refused(422):
        family.update(made["id"], headers={"X-A": masks["X-B"], "X-B": OTHER})
    assert family.get(made["id"])["headers"] == changed


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_stored_secrets_go_nowhere_else(older, release):
    family = older(release)
    made = family.create("CUSTOM", **WITH_KEY)
    with refused(409) as caught:
        family.update(made["id"], base_url=ELSEWHERE)
    assert "api_key" in caught.value.problem["detail"]
    assert "X-A" in caught.value.problem["detail"]
    assert family.get(made["id"]) == made
    both = {"api_key": SECRET, "headers": WITH_KEY["headers"]}
    assert family.update(made["id"], base_url=ELSEWHERE, **both)["base_url"] == ELSEWHERE


@pytest.mark.parametrize(
    "given, told",
    [
        ({"auth_type": "BEARER_TOKEN", "api_key": SECRET}, {"has_api_key": True}),
        (
            {"auth_type": "PROXY_WITH_HEADERS", "base_url": URL, "headers": {"X-Team": SECRET}},
            {"base_url": URL, "headers": {"X-Team"}},
        ),
    ],
    ids=["token", "proxy"],
)
@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_bedrock_signs_in_without_a_role(older, newest, release, given, told):
    family = older(release)
    made = family.create("AWS_BEDROCK", model_names=["a"], provider_metadata=AWS, **given)
    expected = PLAIN | {"model_names": ["a"], "auth_type": given["auth_type"]} | told
    expected["provider_metadata"] = made.get("provider_metadata")
    assert settings(made) == release.spelled(expected)
    auth = newest.get(made["id"])["config"]["auth"]
    assert auth["auth_type"] == given["auth_type"]


@pytest.mark.parametrize("provider", LLM)
def test_both_families_tell_of_one_integration(older, newest, provider):
    older_one = older().create(provider, **created(provider)[0])
    newer = newest.get(older_one["id"])
    for key in ("id", "name", "created_at", "updated_at", "created_by_user_id"):
        assert newer[key] == older_one[key]
    assert newer["config"]["provider"] == older_one["provider"] == provider
    for key, told in [
        ("base_url", "base_url"),
        ("model_names", "model_names"),
        ("enable_default_models", "is_default_models_enabled"),
        ("function_calling_enabled", "is_function_calling_enabled"),
    ]:
        if told in newer["config"]:
            assert newer["config"][told] == older_one[key]
    newest.update(newer["id"], {"type": "LLM", "name": "renamed"})
    (one,) = older().list()
    assert (one["name"], settings(one)) == ("renamed", settings(older_one))


def test_azure_has_no_place_in_the_newer_family(older, newest):
    made = older().create("AZURE_OPEN_AI", **WITH_KEY)
    assert newest.list("LLM") == []
    with refused(404):
        newest.get(made["id"])
    with refused(409):
        newest.create(llm(name="models"))


def test_a_way_to_sign_in_that_is_read_only_here(older, newest):
    auth = OAUTH | {"client_secret": SECRET}
    made = newest.create(llm("CUSTOM", api_key=None, auth=auth))
    (one,) = older().list()
    assert (one["id"], one["auth_type"]) == (made["id"], "OAUTH2_CLIENT_CREDENTIALS")
    assert one["has_api_key"] is False
    with refused(422):
        older().create("CUSTOM", "other", auth_type="OAUTH2_CLIENT_CREDENTIALS", base_url=URL)
