"""What the SDK's own integration suites expect, beyond what the other tests here hold."""

from concurrent.futures import ThreadPoolExecutor

from conductor.client.http.models.subject_ref import SubjectRef, SubjectType
from conductor.client.http.models.target_ref import TargetRef, TargetType
from conductor.client.http.models.upsert_group_request import UpsertGroupRequest
from conductor.client.http.models.upsert_user_request import UpsertUserRequest
from conductor.client.orkes.models.access_key_status import AccessKeyStatus
from conductor.client.orkes.models.access_type import AccessType
from conductor.client.orkes.models.metadata_tag import MetadataTag

from sdk import key_values, named, names, refused

READ, EXECUTE, CREATE = AccessType.READ, AccessType.EXECUTE, AccessType.CREATE
DEPARTMENTS = ["engineering", "marketing", "finance", "hr"]


def test_the_life_of_an_application(access):
    application = access.create_application(named("orders"))
    request = named("orders_updated")
    assert access.update_application(request, application.id).name == request.name

    access.add_role_to_application_user(application.id, "USER")
    assert "USER" in names(access.get_user(f"app:{application.id}").roles)
    access.remove_role_from_application_user(application.id, "USER")
    assert "USER" not in names(access.get_user(f"app:{application.id}").roles)

    tags = [MetadataTag("environment", "test"), MetadataTag("owner", "suite")]
    access.set_application_tags(tags, application.id)
    assert key_values(access.get_application_tags(application.id)) == key_values(tags)
    access.delete_application_tags(tags[:1], application.id)
    assert key_values(access.get_application_tags(application.id)) == key_values(tags[1:])

    created = access.create_access_key(application.id)
    (key,) = access.get_access_keys(application.id)
    assert (key.id, key.status) == (created.id, AccessKeyStatus.ACTIVE)
    toggle = access.toggle_access_key_status
    assert toggle(application.id, key.id).status == AccessKeyStatus.INACTIVE
    assert toggle(application.id, key.id).status == AccessKeyStatus.ACTIVE
    access.delete_access_key(application.id, key.id)
    access.delete_application(application.id)
    with refused(404) as caught:
        access.get_application(application.id)
    assert caught.value.code == 404
    assert application.id in caught.value.message


def test_the_life_of_users_groups_and_permissions(access, clients):
    user, group, workflow = "suite@example.org", "suite_group", "suite_workflow"
    details = UpsertUserRequest(
        name="Suite", roles=["USER"], contact_information={"email": "suite@example.org"}
    )
    assert access.upsert_user(details, user).id == user
    wanted = UpsertGroupRequest("Suite Group", ["USER"])
    assert access.upsert_group(wanted, group).id == group
    access.add_user_to_group(group, user)
    assert access.get_users_in_group(group)[0].id == user

    # Nothing of this name exists, now or later.
    target = TargetRef(TargetType.WORKFLOW_DEF, workflow)
    of_group, of_user = SubjectRef(SubjectType.GROUP, group), SubjectRef(SubjectType.USER, user)
    access.grant_permissions(of_group, target, [EXECUTE])
    access.grant_permissions(of_user, target, [EXECUTE, READ])
    told = access.get_permissions(target)
    assert of_group in told[EXECUTE] and of_user in told[EXECUTE]
    assert of_user in told[READ] and of_group not in told[READ]
    (one,) = access.get_granted_permissions_for_group(group)
    assert (one.target, one.access) == (target, [EXECUTE])
    (one,) = access.get_granted_permissions_for_user(user)
    assert one.target == target
    assert sorted(one.access) == sorted([EXECUTE, READ])

    access.remove_permissions(of_group, target, [EXECUTE])
    access.remove_permissions(of_user, target, [EXECUTE, READ])
    told = access.get_permissions(target)
    assert of_group not in told[EXECUTE]
    assert of_user not in told[EXECUTE] + told[READ]

    access.remove_user_from_group(group, user)
    access.delete_user(user)
    access.delete_group(group)
    for gone, read in [(user, access.get_user), (group, access.get_group)]:
        with refused(404) as caught:
            read(gone)
        assert gone in caught.value.message


def test_applications_are_made_and_deleted_at_once(access):
    def live(name):
        made = access.create_application(named(name))
        assert access.get_application(made.id).name == name
        access.delete_application(made.id)
        return made.id

    with ThreadPoolExecutor() as pool:
        ids = list(pool.map(live, [f"at once {number}" for number in range(8)]))
    assert len(set(ids)) == 8
    assert not set(ids) & {each.id for each in access.list_applications()}


def test_a_company_is_set_up(access):
    applications = {}
    for department in DEPARTMENTS:
        applications[department] = access.create_application(named(department)).id
        tags = [MetadataTag("department", department), MetadataTag("environment", "test")]
        access.set_application_tags(tags, applications[department])
        access.upsert_group(UpsertGroupRequest(department.title(), ["USER"]), department)
    for role in ["WORKER", "USER", "METADATA_MANAGER", "WORKFLOW_MANAGER"]:
        access.upsert_group(UpsertGroupRequest(role.title(), [role]), role.lower())
    people = {"admin@example.org": (["ADMIN"], ["worker"])}
    for department in DEPARTMENTS:
        people[f"manager_{department}@example.org"] = (
            ["METADATA_MANAGER", "USER"],
            ["metadata_manager", department],
        )
        for number in range(3):
            people[f"{department}_{number}@example.org"] = (["USER"], ["user", department])
    for id, (roles, groups) in people.items():
        assert access.upsert_user(UpsertUserRequest(name=id, roles=roles), id).id == id
        for group in groups:
            access.add_user_to_group(group, id)
    for group, accesses in {
        "worker": [EXECUTE, READ, CREATE],
        "metadata_manager": [EXECUTE, READ],
        "user": [READ],
    }.items():
        for department in DEPARTMENTS:
            target = TargetRef(TargetType.WORKFLOW_DEF, f"{department}_workflow")
            access.grant_permissions(SubjectRef("GROUP", group), target, accesses)

    assert set(applications.values()) <= {each.id for each in access.list_applications()}
    assert {each.id for each in access.list_users()} == people.keys()
    for department in DEPARTMENTS:
        inside = {each.id for each in access.get_users_in_group(department)}
        assert inside == {id for id, (_, groups) in people.items() if department in groups}
        target = TargetRef(TargetType.WORKFLOW_DEF, f"{department}_workflow")
        told = {
            each: {subject.id for subject in subjects}
            for each, subjects in access.get_permissions(target).items()
        }
        assert told == {
            "CREATE": {"worker"},
            "EXECUTE": {"worker", "metadata_manager"},
            "READ": {"worker", "metadata_manager", "user"},
            "UPDATE": set(),
            "DELETE": set(),
        }
