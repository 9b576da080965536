"""Workflow definitions and tags, as far as access control needs them: `OrkesMetadataClient`."""

from types import SimpleNamespace

import pytest
from conductor.client.http.models.target_ref import TargetRef, TargetType
from conductor.client.http.models.workflow_def import WorkflowDef
from conductor.client.http.models.workflow_task import WorkflowTask
from conductor.client.orkes.models.metadata_tag import MetadataTag

from sdk import key_values, provider, refused

CORE, DOCS, OPS = (MetadataTag("team", value) for value in ["core", "docs", "ops"])


@pytest.fixture
def metadata(clients):
    return clients.get_metadata_client()


def workflow(**changes) -> WorkflowDef:
    task = WorkflowTask(name="greet", task_reference_name="greet_ref", type="SIMPLE")
    usual = {"name": "orders", "version": 1, "description": "takes orders", "tasks": [task]}
    return WorkflowDef(**usual | changes)


def test_a_workflow_lives(metadata):
    with refused(404) as caught:
        metadata.get_workflow_def("orders")
    assert "orders" in caught.value.body
    metadata.register_workflow_def(workflow(), overwrite=True)
    saved = metadata.get_workflow_def("orders")
    assert (saved.name, saved.version, saved.description) == ("orders", 1, "takes orders")
    assert [task.task_reference_name for task in saved.tasks] == ["greet_ref"]

    metadata.unregister_workflow_def("orders", 1)
    with refused(404) as caught:
        metadata.get_workflow_def("orders", 1)
    assert "orders" in caught.value.body
    with refused(404):
        metadata.unregister_workflow_def("orders", 1)


def test_a_version_is_replaced_only_when_asked(metadata):
    metadata.register_workflow_def(workflow(), overwrite=False)
    with refused(409):
        metadata.register_workflow_def(workflow(description="again"), overwrite=False)
    assert metadata.get_workflow_def("orders").description == "takes orders"
    metadata.register_workflow_def(workflow(description="again"), overwrite=True)
    assert metadata.get_workflow_def("orders").description == "again"


def test_the_latest_version_is_told(metadata):
    for version in [2, 10, 9]:
        metadata.register_workflow_def(workflow(version=version))
    assert metadata.get_workflow_def("orders").version == 10
    assert metadata.get_workflow_def("orders", 2).version == 2
    metadata.unregister_workflow_def("orders", 10)
    assert metadata.get_workflow_def("orders").version == 9


def test_a_deleted_workflow_leaves_no_tag_and_no_grant(metadata, access):
    target = TargetRef(TargetType.WORKFLOW_DEF, "orders")
    metadata.register_workflow_def(workflow())
    metadata.add_workflow_tag(CORE, "orders")
    creator = access.get_user_info_from_token()["id"]
    assert [each.id for each in access.get_permissions(target)["READ"]] == [creator]
    metadata.unregister_workflow_def("orders", 1)
    assert access.get_permissions(target)["READ"] == []
    metadata.register_workflow_def(workflow())
    assert metadata.get_workflow_tags("orders") == []


def of_workflow(metadata):
    metadata.register_workflow_def(workflow())
    return SimpleNamespace(
        add=lambda tag: metadata.add_workflow_tag(tag, "orders"),
        set=lambda tags: metadata.set_workflow_tags(tags, "orders"),
        get=lambda: metadata.get_workflow_tags("orders"),
        delete=lambda tag: metadata.delete_workflow_tag(tag, "orders"),
    )


def of_task(metadata):
    return SimpleNamespace(
        add=lambda tag: metadata.addTaskTag(tag, "greet"),
        set=lambda tags: metadata.setTaskTags(tags, "greet"),
        get=lambda: metadata.getTaskTags("greet"),
        delete=lambda tag: metadata.deleteTaskTag(tag, "greet"),
    )


@pytest.mark.parametrize("kind", [of_workflow, of_task])
def test_tags_are_added_one_by_one_and_set_together(metadata, kind):
    tags = kind(metadata)
    assert tags.get() == []
    tags.add(CORE)
    tags.add(DOCS)
    tags.add(CORE)
    assert len(tags.get()) == 2
    assert key_values(tags.get()) == key_values([CORE, DOCS])
    assert {tag.type for tag in tags.get()} == {"METADATA"}
    tags.set([DOCS, OPS])
    assert key_values(tags.get()) == key_values([DOCS, OPS]), "the others are replaced"
    tags.delete(DOCS)
    tags.delete(CORE)
    assert key_values(tags.get()) == key_values([OPS])
    tags.set([])
    assert tags.get() == []


def test_the_tags_of_a_workflow_need_it(metadata):
    for call in [
        lambda: metadata.get_workflow_tags("nowhere"),
        lambda: metadata.add_workflow_tag(CORE, "nowhere"),
        lambda: metadata.set_workflow_tags([CORE], "nowhere"),
        lambda: metadata.delete_workflow_tag(CORE, "nowhere"),
    ]:
        with refused(404) as caught:
            call()
        assert "nowhere" in caught.value.body


def test_every_tag_is_told_with_what_carries_it(metadata, integrations, wire):
    assert wire("GET", "/metadata/tags").json() == []
    of_workflow(metadata).set([CORE, DOCS])
    for name in ["main", "more"]:
        integrations.save_integration(name, provider())
        integrations.put_tag_for_integration_provider([CORE], name)

    told = wire("GET", "/metadata/tags").json()
    assert len(told) == 2
    assert {"key": "team", "value": "core"} in told
    assert {"key": "team", "value": "docs"} in told

    def count(value, type, number):
        names = {"tagKey": "team", "tagValue": value, "resourceType": type}
        return names | {"countPerResourceType": number}

    grouped = wire("GET", "/metadata/tags/grouped").json()
    assert len(grouped) == 3
    assert count("core", "INTEGRATION_PROVIDER", 2) in grouped
    assert count("core", "WORKFLOW_DEF", 1) in grouped
    assert count("docs", "WORKFLOW_DEF", 1) in grouped

    def carriers(type):
        query = {"tagKey": "team", "tagValue": "core", "resourceType": type}
        return wire("GET", "/metadata/tags/resources", params=query).json()

    assert [each["id"] for each in carriers("INTEGRATION_PROVIDER")] == ["main", "more"]
    assert all(each["displayName"] for each in carriers("INTEGRATION_PROVIDER"))
    assert carriers("NO_SUCH_TYPE")["status"] == 400


def test_there_are_no_task_definitions(metadata):
    """The SDK's own suite asks for them before it begins."""
    assert metadata.get_all_task_defs() == []
