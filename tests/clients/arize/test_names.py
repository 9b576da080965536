"""Listing, paging, filtering, and names in the place of ids."""

from functools import partial

import pytest

from releases import RELEASES
from samples import agent, llm
from sdk import raised, refused

WRAPPED = pytest.mark.parametrize("release", [each for each in RELEASES if each.wrapped], ids=str)
EACH = pytest.mark.parametrize("release", RELEASES, ids=str)


def names(page: list[dict]) -> list[str]:
    return [each["name"] for each in page]


def pages(list_page, key: str, **query) -> list[list[str]]:
    """The names on each page, to the last."""
    found, cursor = [], None
    while True:
        page = list_page(**query, **({"cursor": cursor} if cursor else {}))
        found.append(names(page[key]))
        cursor = page["pagination"].get("next_cursor")
        assert page["pagination"]["has_more"] is bool(cursor)
        if not cursor:
            return found


@EACH
def test_pages_are_newest_first(connect, release):
    sdk = connect(release)
    for number in range(7):
        sdk.create(llm(name=f"n-{number}"))
    expected = [["n-6", "n-5", "n-4"], ["n-3", "n-2", "n-1"], ["n-0"]]
    older, newer = partial(sdk.call, "ai_integrations.list"), partial(sdk.page, "LLM")
    assert pages(older, "ai_integrations", limit=3) == expected
    assert pages(newer, "integrations", limit=3) == expected
    # A page that is just full is the last one.
    assert pages(newer, "integrations", limit=7) == [sum(expected, [])]


@WRAPPED
def test_both_types_come_in_one_list(connect, release):
    sdk = connect(release)
    for number in range(3):
        sdk.create(llm(name=f"n-{number}"))
        sdk.create(agent(f"a-{number}"))
    every = partial(sdk.call, "integrations.list")
    assert pages(every, "integrations", limit=4) == [["a-2", "n-2", "a-1", "n-1"], ["a-0", "n-0"]]
    assert names(sdk.list("AGENT")) == ["a-2", "a-1", "a-0"]


def test_what_is_made_or_deleted_between_two_pages_shifts_nothing(newest):
    made = [newest.create(llm(name=f"n-{number}")) for number in range(5)]
    first = newest.page("LLM", limit=2)
    newest.create(llm(name="late"))
    newest.delete(made[3]["id"])
    newest.delete(made[2]["id"])
    second = newest.page("LLM", limit=2, cursor=first["pagination"]["next_cursor"])
    assert names(second["integrations"]) == ["n-1", "n-0"]


@EACH
def test_the_name_filter_is_a_part_in_any_case(connect, release):
    sdk = connect(release)
    for name in ["Chat main", "chat_spare", "index", "100% ChatÄ"]:
        sdk.create(llm(name=name))
    for part, found in [
        ("CHAT", ["100% ChatÄ", "chat_spare", "Chat main"]),
        ("chatä", ["100% ChatÄ"]),
        ("_", ["chat_spare"]),
        ("%", ["100% ChatÄ"]),
        ("nothing", []),
    ]:
        assert names(sdk.list("LLM", name=part)) == found, part
        assert names(sdk.call("ai_integrations.list", name=part)["ai_integrations"]) == found


def test_a_cursor_belongs_to_its_filter(newest):
    for number in range(3):
        newest.create(llm(name=f"n-{number}"))
    cursor = newest.page("LLM", limit=1)["pagination"]["next_cursor"]
    assert names(newest.list("LLM", limit=2, cursor=cursor)) == ["n-1", "n-0"]
    for type, query in [
        ("AGENT", {"cursor": cursor}),
        ("LLM", {"cursor": cursor, "name": "n"}),
        ("LLM", {"cursor": f"{cursor}x"}),
        ("LLM", {"cursor": "none"}),
    ]:
        with refused(400):
            newest.page(type, **query)
    with refused(400):
        newest.call("ai_integrations.list", cursor=cursor)


@pytest.mark.parametrize("limit", [0, 101])
def test_the_package_itself_knows_the_bounds_of_a_page(newest, limit):
    with raised("ValidationError"):
        newest.page("LLM", limit=limit)


@WRAPPED
@pytest.mark.parametrize("name", ["main", "two words", "größe-模型", "a/b+c=d", "100%25"])
def test_a_name_serves_as_an_id(connect, release, name):
    sdk = connect(release)
    # Others that the filter finds as well, and one of the other type.
    for other in (f"{name} 2", f"my {name}"):
        sdk.create(llm(name=other))
    model, helper = sdk.create(llm(name=name)), sdk.create(agent(name))

    def by_name(verb: str, **more):
        return sdk.call(f"integrations.{verb}", integration=name, **more)

    assert by_name("get", integration_type="LLM") == model
    assert by_name("get", integration_type="AGENT") == helper
    assert by_name("update_llm", function_calling_enabled=False)["id"] == model["id"]
    assert by_name("update_agent", description="new")["id"] == helper["id"]
    by_name("delete", integration_type="LLM")
    assert by_name("get", integration_type="AGENT")["description"] == "new"
    with raised("NotFoundError"):
        by_name("get", integration_type="LLM")


def test_a_name_beyond_the_first_page_is_found(newest):
    wanted = newest.create(llm(name="n"))
    for number in range(101):
        newest.create(llm(name=f"n-{number}"))
    assert newest.call("integrations.get", integration="n", integration_type="LLM") == wanted


@pytest.mark.parametrize(
    "name",
    ["", " ", " a", "a ", "a\nb", "x" * 256],
    ids=["empty", "blank", "front", "end", "line", "long"],
)
def test_a_name_has_bounds(newest, name):
    made = newest.create(llm())
    for call in (
        lambda: newest.create(llm(name=name)),
        lambda: newest.create(agent(name)),
        lambda: newest.call("ai_integrations.create", name=name, provider="OPEN_AI"),
        lambda: newest.update(made["id"], {"type": "LLM", "name": name}),
    ):
        with refused(422):
            call()
    newest.create(llm(name="x" * 255))


@EACH
def test_the_tables_of_these_tests_say_what_a_release_knows(processes, release):
    for enum, known in [
        ("IntegrationType", release.types),
        ("LlmIntegrationProvider", release.providers),
        ("AiIntegrationProvider", release.older_providers),
    ]:
        spelled = {release.spelled({"type": each})["type"] for each in known}
        assert set(processes(release).answer(enum=enum)["result"]) == spelled
