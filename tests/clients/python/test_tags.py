"""Tags of integrations, of models and of applications, which all behave alike."""

from types import SimpleNamespace

import pytest
from conductor.client.orkes.models.metadata_tag import MetadataTag

from sdk import key_values, model, named, provider, refused

CORE, DOCS = MetadataTag("team", "core"), MetadataTag("team", "docs")
ODD = MetadataTag("größe a/b", "50%: + 模型")


def of_integration(integrations, _access):
    integrations.save_integration("main", provider())
    return SimpleNamespace(
        put=lambda tags: integrations.put_tag_for_integration_provider(tags, "main"),
        get=lambda: integrations.get_tags_for_integration_provider("main"),
        delete=lambda tags: integrations.delete_tag_for_integration_provider(tags, "main"),
        shown=lambda: integrations.get_integration("main").tags,
    )


def of_model(integrations, _access):
    name = "meta-llama/Llama-3:70b"
    integrations.save_integration("main", provider())
    integrations.save_integration_api("main", name, model())
    return SimpleNamespace(
        put=lambda tags: integrations.put_tag_for_integration(tags, "main", name),
        get=lambda: integrations.get_tags_for_integration("main", name),
        delete=lambda tags: integrations.delete_tag_for_integration(tags, "main", name),
        shown=lambda: integrations.get_integration_api("main", name).tags,
    )


def of_application(_integrations, access):
    id = access.create_application(named("reader")).id
    return SimpleNamespace(
        put=lambda tags: access.set_application_tags(tags, id),
        get=lambda: access.get_application_tags(id),
        delete=lambda tags: access.delete_application_tags(tags, id),
        # The SDK's application has no tags, so there is no second place to look.
        shown=lambda: access.get_application_tags(id),
    )


@pytest.fixture(params=[of_integration, of_model, of_application])
def tagged(request, integrations, access):
    return request.param(integrations, access)


def test_tags_add_up(tagged):
    assert tagged.get() == []
    tagged.put([CORE])
    tagged.put([DOCS, ODD])
    tagged.put([CORE])
    assert len(tagged.get()) == 3
    assert key_values(tagged.get()) == key_values([CORE, DOCS, ODD]) == key_values(tagged.shown())


def test_only_the_exact_pair_is_removed(tagged):
    tagged.put([CORE, DOCS])
    tagged.delete([MetadataTag("team", "other")])
    assert key_values(tagged.get()) == key_values([CORE, DOCS])
    tagged.delete([CORE])
    assert key_values(tagged.get()) == key_values([DOCS]) == key_values(tagged.shown())


def test_the_type_comes_back_as_sent(tagged):
    tagged.put([CORE])
    assert [tag.type for tag in tagged.get()] == ["METADATA"]


def test_a_key_holds_no_colon(tagged):
    """Grants name a tag as `key:value`, which must not mean two tags."""
    with refused(400):
        tagged.put([CORE, MetadataTag("team:core", "x")])
    assert tagged.get() == []


def test_swapped_names_find_nothing(integrations):
    of_model(integrations, None)
    for call in [integrations.put_tag_for_integration, integrations.delete_tag_for_integration]:
        with refused(404):
            call([CORE], "meta-llama/Llama-3:70b", "main")
    with refused(404):
        integrations.get_tags_for_integration("meta-llama/Llama-3:70b", "main")
    with refused(404):
        integrations.get_tags_for_integration_provider("nowhere")
