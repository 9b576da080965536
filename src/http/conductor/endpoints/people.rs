//! Applications, users, groups, roles and grants.

use super::super::{applications, authorization, groups, roles, tags, users};
use crate::domain::access::Access::{Create, Delete, Read, Update};
use crate::domain::access::Kind::{Application, Group, Role, User};
use crate::domain::access::Rule::{
    Filtered, Give, Needs, ReadOfPath, Save, SelfOr, SignedIn, UpdateOfPath,
};
use crate::http::routes::Endpoint;

/// Applications, with their keys and roles.
pub fn applications() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/applications")
            .get(Filtered(Application), applications::list, "The applications, with their tags")
            .post(Needs(Create, Application), applications::create, "Makes an application"),
        Endpoint::at("/applications/key/{key}").get(
            Needs(Read, Application),
            applications::find_by_key,
            "The application that an access key belongs to",
        ),
        Endpoint::at("/applications/{id}")
            .conditional()
            .get(Needs(Read, Application), applications::find, "An application")
            .put(Needs(Update, Application), applications::rename, "Renames an application")
            .delete(
                Needs(Delete, Application),
                applications::delete,
                "Deletes an application with its keys",
            ),
        Endpoint::at("/applications/{id}/accessKeys")
            .conditional()
            .get(
                Needs(Read, Application),
                applications::keys,
                "The access keys of an application, without secrets",
            )
            .post(
                Needs(Update, Application),
                applications::create_key,
                "Makes an access key, and shows its secret this once",
            ),
        Endpoint::at("/applications/{id}/accessKeys/{key}").conditional().delete(
            Needs(Update, Application),
            applications::delete_key,
            "Deletes an access key",
        ),
        Endpoint::at("/applications/{id}/accessKeys/{key}/status").conditional().post(
            Needs(Update, Application),
            applications::toggle_key,
            "Pauses an access key, or takes it up again",
        ),
        Endpoint::at("/applications/{id}/accessKeys/{key}/rotate").conditional().post(
            Needs(Update, Application),
            applications::rotate_key,
            "Makes an access key in the place of another",
        ),
        Endpoint::at("/applications/{id}/roles/{role}")
            .conditional()
            .post(Needs(Update, Application), applications::add_role, "Gives an application a role")
            .delete(
                Needs(Update, Application),
                applications::remove_role,
                "Takes a role from an application",
            ),
        Endpoint::at("/applications/{id}/tags")
            .conditional()
            .get(Needs(Read, Application), tags::of_application, "The tags of an application")
            .put(
                Needs(Update, Application),
                tags::add_to_application,
                "Adds tags to an application",
            )
            .delete(
                Needs(Update, Application),
                tags::remove_from_application,
                "Removes tags from an application",
            ),
    ]
}

/// Whom applications and people are, and what they may do.
pub fn people() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/users").get(Filtered(User), users::list, "The users"),
        Endpoint::at("/users/{id}")
            .conditional()
            .get(SelfOr(Read, User), users::find, "A user")
            .put(Save(User), users::save, "Creates a user, or replaces it")
            .delete(Needs(Delete, User), users::delete, "Deletes a user"),
        Endpoint::at("/users/{id}/permissions").get(
            SelfOr(Read, User),
            users::permissions,
            "What a user was granted",
        ),
        Endpoint::at("/users/{id}/checkPermissions").get(
            SelfOr(Read, User),
            users::check,
            "Which accesses a user has on one thing",
        ),
        Endpoint::at("/users/{id}/sendInviteEmail")
            .post(
                SelfOr(Read, User),
                users::invite,
                "Nothing: this server sends no mail, and says so",
            )
            .fails(&[501]),
        Endpoint::at("/groups").get(Filtered(Group), groups::list, "The groups"),
        Endpoint::at("/groups/{id}")
            .conditional()
            .get(Needs(Read, Group), groups::find, "A group")
            .put(Save(Group), groups::save, "Creates a group, or replaces it")
            .delete(Needs(Delete, Group), groups::delete, "Deletes a group"),
        Endpoint::at("/groups/{id}/permissions").get(
            Needs(Read, Group),
            groups::permissions,
            "What a group was granted",
        ),
        Endpoint::at("/groups/{id}/users")
            .conditional()
            .get(Needs(Read, Group), groups::members, "The users in a group")
            .post(Needs(Update, Group), groups::add_members, "Puts users into a group")
            .delete(Needs(Update, Group), groups::remove_members, "Takes users out of a group"),
        Endpoint::at("/groups/{id}/users/{user}")
            .conditional()
            .post(Needs(Update, Group), groups::add_member, "Puts a user into a group")
            .delete(Needs(Update, Group), groups::remove_member, "Takes a user out of a group"),
        Endpoint::at("/roles").conditional().get(Filtered(Role), roles::list, "The roles").post(
            Needs(Create, Role),
            roles::create,
            "Makes a custom role",
        ),
        Endpoint::at("/roles/system").get(
            SignedIn,
            roles::system,
            "The roles of the system, by name",
        ),
        Endpoint::at("/roles/custom").get(Filtered(Role), roles::custom, "The custom roles"),
        Endpoint::at("/roles/permissions").get(
            SignedIn,
            roles::permissions,
            "What a custom role can be made of",
        ),
        Endpoint::at("/roles/{name}")
            .conditional()
            .get(Needs(Read, Role), roles::find, "A role")
            .put(Needs(Update, Role), roles::update, "Replaces the permissions of a custom role")
            .delete(Needs(Delete, Role), roles::delete, "Deletes a custom role"),
        Endpoint::at("/auth/authorization")
            .conditional()
            .post(Give, authorization::grant, "Grants accesses")
            .delete(Give, authorization::revoke, "Takes accesses away"),
        Endpoint::at("/auth/authorization/{type}/{id}").get(
            ReadOfPath,
            authorization::on_target,
            "The grants on one thing, by access or by subject",
        ),
        Endpoint::at("/auth/subjects/{type}/{id}/grants")
            .conditional()
            .get(ReadOfPath, authorization::of_subject, "What a subject was granted")
            .delete(
                UpdateOfPath,
                authorization::revoke_all,
                "Takes away all that a subject was granted",
            ),
    ]
}
