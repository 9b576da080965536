"""Who may do what: grants, through `OrkesAuthorizationClient`."""

import pytest
from conductor.client.http.models.subject_ref import SubjectRef, SubjectType
from conductor.client.http.models.target_ref import TargetRef, TargetType
from conductor.client.http.models.upsert_group_request import UpsertGroupRequest
from conductor.client.http.models.upsert_user_request import UpsertUserRequest
from conductor.client.orkes.models.access_type import AccessType
from conductor.client.orkes.models.metadata_tag import MetadataTag

from sdk import grant, named, provider, refused

ANN = SubjectRef(SubjectType.USER, "ann@example.org")
DEVS = SubjectRef(SubjectType.GROUP, "devs")
WORKERS = SubjectRef(SubjectType.ROLE, "WORKER")
ORDERS = TargetRef(TargetType.WORKFLOW_DEF, "orders")
READ, EXECUTE, UPDATE = AccessType.READ, AccessType.EXECUTE, AccessType.UPDATE
ACCESSES = {"CREATE", "READ", "UPDATE", "DELETE", "EXECUTE"}
NOTHING = {access: [] for access in ACCESSES}


@pytest.fixture(autouse=True)
def people(access):
    """A user, and a group that they are in."""
    access.upsert_user(UpsertUserRequest(name="Ann", roles=["WORKER"]), ANN.id)
    access.upsert_group(UpsertGroupRequest(description="developers", roles=[]), DEVS.id)
    access.add_user_to_group(DEVS.id, ANN.id)


def of_ann(access):
    """What Ann was granted, as (type, id): accesses."""
    found = access.get_granted_permissions_for_user(ANN.id)
    return {(each.target.type, each.target.id): set(each.access) for each in found}


def test_grants_come_and_go(access):
    assert access.get_permissions(ORDERS) == NOTHING
    access.grant_permissions(DEVS, ORDERS, [EXECUTE])
    access.grant_permissions(ANN, ORDERS, [EXECUTE, READ])
    told = access.get_permissions(ORDERS)
    assert told.keys() == ACCESSES, "clients index all five"
    assert told[READ] == [ANN]
    assert len(told[EXECUTE]) == 2 and ANN in told[EXECUTE] and DEVS in told[EXECUTE]
    assert told["CREATE"] == told["UPDATE"] == told["DELETE"] == []

    (of_group,) = access.get_granted_permissions_for_group(DEVS.id)
    assert (of_group.target, of_group.access) == (ORDERS, [EXECUTE])
    (of_user,) = access.get_granted_permissions_for_user(ANN.id)
    assert of_user.target == ORDERS
    assert sorted(of_user.access) == [EXECUTE, READ]

    access.remove_permissions(ANN, ORDERS, [EXECUTE])
    assert of_ann(access) == {("WORKFLOW_DEF", "orders"): {"READ"}}
    access.remove_permissions(ANN, ORDERS, [READ, EXECUTE])
    access.remove_permissions(DEVS, ORDERS, [EXECUTE])
    assert access.get_permissions(ORDERS) == NOTHING
    assert access.get_granted_permissions_for_group(DEVS.id) == []
    assert of_ann(access) == {}


def test_a_grant_given_twice_is_one(access):
    for _ in range(2):
        access.grant_permissions(ANN, ORDERS, [READ, READ])
    assert access.get_permissions(ORDERS)[READ] == [ANN]
    access.remove_permissions(ANN, ORDERS, [READ])
    assert access.get_permissions(ORDERS) == NOTHING


def test_grants_add_up(access):
    access.grant_permissions(ANN, ORDERS, [READ])
    access.grant_permissions(ANN, ORDERS, list(AccessType))
    assert of_ann(access) == {("WORKFLOW_DEF", "orders"): ACCESSES}
    assert all(access.check_permissions(ANN.id, "WORKFLOW_DEF", "orders").values())
    assert not any(access.check_permissions(ANN.id, "WORKFLOW_DEF", "others").values())


@pytest.mark.parametrize("type", list(TargetType))
def test_every_type_that_the_sdk_knows_can_be_granted_on(access, type):
    """Most of these targets do not exist."""
    target = TargetRef(type, "key:some thing / größe 50%" if type == TargetType.TAG else "thing")
    access.grant_permissions(ANN, target, [READ, EXECUTE])
    told = access.get_permissions(target)
    assert told[READ] == told[EXECUTE] == [ANN]
    assert of_ann(access) == {(type, target.id): {"READ", "EXECUTE"}}
    assert access.check_permissions(ANN.id, type.value, target.id)["EXECUTE"] is True
    access.remove_permissions(ANN, target, [READ, EXECUTE])
    assert access.get_permissions(target) == NOTHING


@pytest.mark.parametrize("subject", [ANN, DEVS, WORKERS])
def test_a_grant_reaches_the_user(access, subject):
    """Directly, through a group and through a role."""
    assert access.check_permissions(ANN.id, "WORKFLOW_DEF", "orders")["READ"] is False
    access.grant_permissions(subject, ORDERS, [READ])
    assert access.get_permissions(ORDERS)[READ] == [subject]
    told = access.check_permissions(ANN.id, "WORKFLOW_DEF", "orders")
    assert told == dict.fromkeys(ACCESSES, False) | {"READ": True}
    own = {("WORKFLOW_DEF", "orders"): {"READ"}} if subject is ANN else {}
    assert of_ann(access) == own, "grants are told of whom they were given to"
    access.remove_permissions(subject, ORDERS, [READ])
    assert access.check_permissions(ANN.id, "WORKFLOW_DEF", "orders")["READ"] is False


def test_the_ids_of_users_are_compared_without_case(access):
    access.grant_permissions(SubjectRef("USER", "Ann@Example.ORG"), ORDERS, [READ])
    assert access.get_permissions(ORDERS)[READ] == [ANN]
    on_user = TargetRef(TargetType.USER, "Ann@Example.ORG")
    access.grant_permissions(DEVS, on_user, [READ])
    assert DEVS in access.get_permissions(TargetRef(TargetType.USER, ANN.id))[READ]
    access.remove_permissions(SubjectRef("USER", "ANN@EXAMPLE.ORG"), ORDERS, [READ])
    assert of_ann(access) == {}


def test_the_subject_need_not_exist(access):
    nobody = SubjectRef(SubjectType.GROUP, "not-there-yet")
    access.grant_permissions(nobody, ORDERS, [READ])
    assert access.get_permissions(ORDERS)[READ] == [nobody]


def test_the_creator_of_a_thing_may_do_everything_with_it(access, integrations, wire):
    me = SubjectRef("USER", access.get_user_info_from_token()["id"])
    application = access.create_application(named("reader")).id
    told = access.get_permissions(TargetRef(TargetType.APPLICATION, application))
    assert told == {each: [me] for each in ACCESSES} | {"CREATE": []}

    integrations.save_integration("main", provider())
    told = wire("GET", "/auth/authorization/INTEGRATION_PROVIDER/main").json()
    mine = [{"type": "USER", "id": me.id}]
    assert told == {each: mine for each in ACCESSES} | {"CREATE": []}


def test_the_answers_are_messages(wire):
    body = grant(ANN, "DOMAIN", "eu", "READ")
    answer = wire("POST", "/auth/authorization", json=body)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"message": "Granted permission"}
    assert wire("DELETE", "/auth/authorization", json=body).json() == {
        "message": "Removed permission"
    }


@pytest.mark.parametrize("change", ["subject", "target", "access"])
def test_an_unknown_word_is_refused(wire, change):
    body = grant(ANN, "DOMAIN", "eu", "READ")
    if change == "access":
        body["access"] = ["READ", "OWN"]
    else:
        body[change]["type"] = "NO_SUCH_TYPE"
    assert wire("POST", "/auth/authorization", json=body).status_code == 400
    assert wire("GET", "/auth/authorization/DOMAIN/eu").json() == NOTHING
    assert wire("GET", "/auth/authorization/NO_SUCH_TYPE/eu").status_code == 400


def test_types_are_written_in_any_case(access, wire):
    body = grant(ANN, "workflow_def", "orders", "read")
    body["subject"]["type"] = "user"
    assert wire("POST", "/auth/authorization", json=body).ok
    assert access.get_permissions(ORDERS)[READ] == [ANN]


def test_grants_are_grouped_by_access_or_by_subject(access, wire):
    access.grant_permissions(ANN, ORDERS, [READ, EXECUTE])
    access.grant_permissions(DEVS, ORDERS, [READ])

    def told(**query):
        return wire("GET", "/auth/authorization/WORKFLOW_DEF/orders", params=query).json()

    assert told() == told(groupBy="access")
    assert told().keys() == ACCESSES
    by_subject = told(groupBy="subject")
    assert {subject: set(each) for subject, each in by_subject.items()} == {
        f"USER:{ANN.id}": {"READ", "EXECUTE"},
        "GROUP:devs": {"READ"},
    }
    assert told(groupBy="colour")["status"] == 400


def test_the_grants_of_a_subject_are_told_and_revoked(access, wire):
    access.grant_permissions(ANN, ORDERS, [READ, EXECUTE])
    access.grant_permissions(ANN, TargetRef(TargetType.DOMAIN, "eu"), [READ])
    path = f"/auth/subjects/USER/{ANN.id}/grants"
    on_domain = {"target": {"type": "DOMAIN", "id": "eu"}, "access": ["READ"]}
    told = {each["target"]["type"]: each for each in wire("GET", path).json()}
    assert told.keys() == {"DOMAIN", "WORKFLOW_DEF"}
    assert told["DOMAIN"] == on_domain
    assert told["WORKFLOW_DEF"]["target"]["id"] == "orders"
    assert set(told["WORKFLOW_DEF"]["access"]) == {"READ", "EXECUTE"}
    one = {"resourceType": "DOMAIN"}
    assert wire("GET", path, params=one).json() == [on_domain]

    assert wire("DELETE", path, params=one).json() == {"message": "Revoked grants"}
    assert of_ann(access) == {("WORKFLOW_DEF", "orders"): {"READ", "EXECUTE"}}
    assert wire("DELETE", path).json() == {"message": "Revoked grants"}
    assert wire("GET", path).json() == []
    assert access.get_permissions(ORDERS) == NOTHING


@pytest.mark.parametrize(
    ("type", "id"),
    [("INTEGRATION_PROVIDER", "main"), ("INTEGRATION", "main:gpt-4o"), ("PROMPT", "greet")],
)
def test_the_sdk_cannot_name_an_integration(access, wire, type, id):
    """A limit of the SDK: one such grant hides all others from it, and the wire tells them."""
    with pytest.raises(ValueError, match=type):
        TargetRef(type, id)
    access.grant_permissions(ANN, ORDERS, [READ])
    for subject in [ANN, DEVS]:
        assert wire("POST", "/auth/authorization", json=grant(subject, type, id, "READ")).ok
    with pytest.raises(ValueError, match=type):
        access.get_granted_permissions_for_user(ANN.id)
    with pytest.raises(ValueError, match=type):
        access.get_granted_permissions_for_group(DEVS.id)

    on_it = {"target": {"type": type, "id": id}, "access": ["READ"]}
    assert wire("GET", "/groups/devs/permissions").json() == {"grantedAccess": [on_it]}
    told = wire("GET", f"/users/{ANN.id}/permissions").json()
    assert told.keys() == {"grantedAccess"}
    on_orders = {"target": {"type": "WORKFLOW_DEF", "id": "orders"}, "access": ["READ"]}
    assert len(told["grantedAccess"]) == 2
    assert on_it in told["grantedAccess"] and on_orders in told["grantedAccess"]
    assert access.check_permissions(ANN.id, type, id) == dict.fromkeys(ACCESSES, False) | {
        "READ": True
    }


def test_a_grant_on_a_tag_is_told_with_what_carries_it(access, integrations, wire):
    integrations.save_integration("main", provider())
    integrations.put_tag_for_integration_provider([MetadataTag("team", "core")], "main")
    access.grant_permissions(ANN, TargetRef(TargetType.TAG, "team:core"), [READ, UPDATE])
    told = wire("GET", f"/users/{ANN.id}/permissions").json()["grantedAccess"]
    told = {each["target"]["type"]: each for each in told}
    assert told.keys() == {"TAG", "INTEGRATION_PROVIDER"}
    assert told["TAG"]["target"]["id"] == "team:core"
    carrier = told["INTEGRATION_PROVIDER"]
    assert (carrier["target"]["id"], carrier["tag"]) == ("main", "team:core")
    assert set(carrier["access"]) == {"READ", "UPDATE"}

    on_main = access.check_permissions(ANN.id, "INTEGRATION_PROVIDER", "main")
    assert on_main == dict.fromkeys(ACCESSES, False) | {"READ": True, "UPDATE": True}
    integrations.delete_tag_for_integration_provider([MetadataTag("team", "core")], "main")
    on_main = access.check_permissions(ANN.id, "INTEGRATION_PROVIDER", "main")
    assert on_main == dict.fromkeys(ACCESSES, False)
    assert of_ann(access) == {("TAG", "team:core"): {"READ", "UPDATE"}}


def test_nothing_of_a_deleted_thing_revives(access, integrations, wire):
    integrations.save_integration("main", provider())
    body = grant(ANN, "INTEGRATION_PROVIDER", "main", "READ")
    assert wire("POST", "/auth/authorization", json=body).ok
    integrations.delete_integration("main")
    integrations.save_integration("main", provider())
    assert of_ann(access) == {}
    assert access.check_permissions(ANN.id, "INTEGRATION_PROVIDER", "main")["READ"] is False


def test_a_deleted_group_takes_its_grants_along(access):
    access.grant_permissions(DEVS, ORDERS, [READ])
    access.delete_group(DEVS.id)
    assert access.get_permissions(ORDERS) == NOTHING
    access.upsert_group(UpsertGroupRequest(description="developers", roles=[]), DEVS.id)
    assert access.get_granted_permissions_for_group(DEVS.id) == []


def test_a_grant_on_an_unnamed_thing_is_refused(access):
    for target in [TargetRef(TargetType.TAG, "no-colon"), TargetRef(TargetType.DOMAIN, "")]:
        with refused(400):
            access.grant_permissions(ANN, target, [READ])
    assert of_ann(access) == {}
