//! Users, groups, roles and grants as Conductor's JSON; contract sections 8 and 9.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::wire::null_is_default;
use crate::domain::Result;
use crate::domain::access::{
    Access, Grant, GrantedAccess, Kind, Object, Permission, Role, Subject, Target,
};
use crate::domain::user::{DefaultAccess, GroupDraft, UserDraft};
use crate::registry::{GroupView, UserView};

/// `ConductorUser`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "User")]
pub struct UserJson<'a> {
    id: &'a str,
    name: &'a str,
    uuid: &'a str,
    roles: Vec<RoleJson<'a>>,
    groups: Vec<GroupJson<'a>>,
    application_user: bool,
    encrypted_id: bool,
    encrypted_id_display_value: &'a str,
    orkes_workers_app: bool,
}

/// `Group`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Group")]
pub struct GroupJson<'a> {
    id: &'a str,
    description: &'a str,
    roles: Vec<RoleJson<'a>>,
    default_access: &'a DefaultAccess,
}

/// `Role`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Role")]
pub struct RoleJson<'a> {
    name: &'a str,
    permissions: Vec<PermissionJson<'a>>,
}

/// `Permission`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Permission")]
struct PermissionJson<'a> {
    name: &'a str,
}

/// `GrantedAccessResponse`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Granted")]
pub struct GrantedJson<'a> {
    granted_access: Vec<GrantedAccessJson<'a>>,
}

/// `GrantedAccess`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GrantedAccess")]
pub struct GrantedAccessJson<'a> {
    target: ReferenceJson<'a>,
    access: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
}

/// `SubjectRef` and `TargetRef` as they are answered.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Reference")]
pub struct ReferenceJson<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
}

/// `UpsertUserRequest`.
#[derive(Deserialize, JsonSchema)]
pub struct UserRequest {
    name: String,
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "Option<OneOrMany>")]
    roles: Option<Vec<String>>,
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "Option<OneOrMany>")]
    groups: Option<Vec<String>>,
}

/// `UpsertGroupRequest`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupRequest {
    description: String,
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "Option<OneOrMany>")]
    roles: Option<Vec<String>>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<DefaultAccess>")]
    default_access: DefaultAccess,
}

/// A custom role as it is sent; the name only where the path has none.
#[derive(Deserialize, JsonSchema)]
pub struct RoleRequest {
    /// The name.
    pub name: Option<String>,
    /// The names of its permissions.
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Vec<String>>")]
    pub permissions: Vec<String>,
}

/// `AuthorizationRequest`.
#[derive(Deserialize, JsonSchema)]
pub struct AuthorizationRequest {
    subject: Reference,
    target: Reference,
    access: Vec<String>,
}

/// `SubjectRef` and `TargetRef` as they are sent.
#[derive(Deserialize, JsonSchema)]
struct Reference {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

/// A list of text; clients send a single text for a list of one.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a list of text")]
#[schemars(inline)]
enum OneOrMany {
    Many(Vec<String>),
    One(String),
}

fn one_or_many<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Vec<String>>, D::Error> {
    Ok(Option::deserialize(input)?.map(|sent| match sent {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    }))
}

impl From<UserRequest> for UserDraft {
    fn from(request: UserRequest) -> Self {
        Self {
            name: request.name,
            roles: request.roles.unwrap_or_default(),
            groups: request.groups,
        }
    }
}

impl From<GroupRequest> for GroupDraft {
    fn from(request: GroupRequest) -> Self {
        Self {
            description: request.description,
            roles: request.roles.unwrap_or_default(),
            default_access: request.default_access,
        }
    }
}

impl AuthorizationRequest {
    /// Whom, on what, and which accesses.
    pub fn into_parts(self) -> Result<(Subject, Target, Vec<Access>)> {
        let subject = Subject::parse(&self.subject.kind, &self.subject.id)?;
        let kind = Kind::parse("target.type", &self.target.kind)?;
        let target = Target::of(kind, &self.target.id)?;
        let accesses = self.access.iter().enumerate();
        let accesses =
            accesses.map(|(index, word)| Access::parse(&format!("access[{index}]"), word));
        Ok((subject, target, accesses.collect::<Result<_>>()?))
    }
}

impl<'a> From<&'a UserView> for UserJson<'a> {
    fn from(user: &'a UserView) -> Self {
        Self {
            id: user.id.as_str(),
            name: &user.name,
            uuid: &user.uuid,
            roles: user.roles.iter().map(RoleJson::from).collect(),
            groups: user.groups.iter().map(GroupJson::from).collect(),
            application_user: user.id.application().is_some(),
            encrypted_id: false,
            encrypted_id_display_value: user.id.as_str(),
            orkes_workers_app: false,
        }
    }
}

impl<'a> From<&'a GroupView> for GroupJson<'a> {
    fn from(view: &'a GroupView) -> Self {
        Self {
            id: &view.group.id,
            description: &view.group.description,
            roles: view.roles.iter().map(RoleJson::from).collect(),
            default_access: &view.group.default_access,
        }
    }
}

impl<'a> From<&'a Role> for RoleJson<'a> {
    fn from(role: &'a Role) -> Self {
        let names = role.permissions.iter().map(Permission::as_str);
        Self { name: &role.name, permissions: names.map(|name| PermissionJson { name }).collect() }
    }
}

impl<'a> From<&'a [GrantedAccess]> for GrantedJson<'a> {
    fn from(granted: &'a [GrantedAccess]) -> Self {
        Self { granted_access: granted.iter().map(GrantedAccessJson::from).collect() }
    }
}

impl<'a> From<&'a GrantedAccess> for GrantedAccessJson<'a> {
    fn from(granted: &'a GrantedAccess) -> Self {
        let Object { kind, id } = &granted.object;
        Self {
            target: ReferenceJson { kind: kind.as_str(), id },
            access: granted.access.iter().map(|access| access.as_str()).collect(),
            tag: granted.tag.as_deref(),
        }
    }
}

/// Grants by access; clients index all five, so all five are there.
pub fn by_access(grants: &[Grant]) -> BTreeMap<&'static str, Vec<ReferenceJson<'_>>> {
    let mut found: BTreeMap<_, Vec<_>> =
        Access::ALL.into_iter().map(|access| (access.as_str(), vec![])).collect();
    for Grant { subject, access, .. } in grants {
        let reference = ReferenceJson { kind: subject.kind.as_str(), id: &subject.id };
        found.entry(access.as_str()).or_default().push(reference);
    }
    found
}

/// Grants by subject, as `USER:ann`.
pub fn by_subject(grants: &[Grant]) -> BTreeMap<String, Vec<&'static str>> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for Grant { subject, access, .. } in grants {
        let key = format!("{}:{}", subject.kind.as_str(), subject.id);
        found.entry(key).or_default().push(access.as_str());
    }
    found
}
