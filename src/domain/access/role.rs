//! Roles, and what each gives; contract section 9.2.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Access, Kind};
use crate::domain::{Error, Result, name};

/// A role: one of the system's, or one that an administrator made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Which of the system's roles it is, if it is one.
    pub system: Option<SystemRole>,
    /// The permissions that clients are shown with it.
    pub permissions: Vec<Permission>,
}

impl Role {
    /// Whether the role alone gives `access` to everything of `kind`.
    pub fn allows(&self, access: Access, kind: Kind) -> bool {
        match self.system {
            Some(SystemRole::Admin) => true,
            Some(SystemRole::UserReadOnly) => access == Access::Read && !kind.is_private(),
            Some(system) => system.gives().contains(&(access, kind)),
            None => self
                .permissions
                .iter()
                .any(|permission| permission.gives().contains(&(access, kind))),
        }
    }
}

impl From<SystemRole> for Role {
    fn from(role: SystemRole) -> Self {
        let permissions = role.permissions().iter().map(|name| Permission((*name).to_owned()));
        Self {
            name: role.as_str().to_owned(),
            system: Some(role),
            permissions: permissions.collect(),
        }
    }
}

/// The name of a permission, as in `CREATE_INTEGRATION` or `READ_PROMPT`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Permission(String);

impl TryFrom<String> for Permission {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        Self::parse("permissions", &name)
    }
}

/// The kinds that a custom role can have an access to all of, as in `READ_INTEGRATION_PROVIDER`.
pub const CUSTOM_PERMISSION_KINDS: [Kind; 13] = [
    Kind::Integration,
    Kind::Resource,
    Kind::Prompt,
    Kind::Application,
    Kind::User,
    Kind::Group,
    Kind::Role,
    Kind::Organization,
    Kind::Space,
    Kind::WORKFLOW,
    Kind::TASK,
    Kind::Foreign("WORKFLOW_SCHEDULE"),
    Kind::Foreign("SECRET_NAME"),
];

impl Permission {
    /// Every permission that gives something, here or in the orchestrator, by name.
    pub fn all() -> Vec<Self> {
        let system = SystemRole::ALL.into_iter().flat_map(SystemRole::permissions).copied();
        let mut names: Vec<_> = system.map(str::to_owned).collect();
        for kind in CUSTOM_PERMISSION_KINDS {
            names.extend(Access::ALL.map(|access| format!("{access}_{}", kind.as_str())));
        }
        names.sort();
        names.dedup();
        names.into_iter().map(Self).collect()
    }

    /// The permission of this name, as a client wrote it in `field`. A name that nobody knows
    /// gives nothing: the SDKs' own suites make roles of such (`workflow:read`).
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Invalid`].
    pub fn parse(field: &str, name: &str) -> Result<Self> {
        name::check(field, name)?;
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it gives here: an access to everything of a kind. The permissions of the orchestrator
    /// give nothing.
    pub fn gives(&self) -> Vec<(Access, Kind)> {
        let all = |kinds: &[Kind]| {
            let each = kinds.iter().flat_map(|kind| Access::ALL.map(|access| (access, *kind)));
            each.collect()
        };
        match self.0.as_str() {
            "CREATE_INTEGRATION" => {
                vec![(Access::Create, Kind::Integration), (Access::Create, Kind::Events)]
            }
            "CREATE_APPLICATION" => vec![(Access::Create, Kind::Application)],
            "APPLICATION_MANAGEMENT" => all(&[Kind::Application]),
            "USER_MANAGEMENT" => all(&[Kind::User, Kind::Group]),
            "PERMISSION_MANAGEMENT" => all(&[Kind::Role]),
            "METADATA_MANAGEMENT" => all(&[Kind::WORKFLOW, Kind::TASK]),
            "METADATA_VIEW" => vec![(Access::Read, Kind::WORKFLOW), (Access::Read, Kind::TASK)],
            "PROMPT_MANAGEMENT" => all(&[Kind::Prompt]),
            name => {
                let split = name
                    .split_once('_')
                    .and_then(|(access, kind)| Some((Access::named(access)?, Kind::named(kind)?)));
                split.into_iter().collect()
            }
        }
    }
}

/// A role of the system; contract section 9.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SystemRole {
    /// May do everything.
    Admin,
    /// May create integrations and applications.
    User,
    /// May create integrations.
    MetadataManager,
    /// Of the orchestrator; gives nothing here.
    WorkflowManager,
    /// Sees everything but what is for administrators, and changes nothing; stands alone.
    UserReadOnly,
    /// Of the orchestrator; gives nothing here.
    Worker,
    /// Of the orchestrator; gives nothing here.
    MetadataApi,
    /// May create applications.
    ApplicationCreator,
    /// May do everything to applications.
    ApplicationManager,
    /// Of the orchestrator; gives nothing here.
    UnrestrictedWorker,
    /// May do everything to prompts.
    PromptManager,
}

impl SystemRole {
    /// Every system role, in the order of the contract.
    pub const ALL: [Self; 11] = [
        Self::Admin,
        Self::User,
        Self::MetadataManager,
        Self::WorkflowManager,
        Self::UserReadOnly,
        Self::Worker,
        Self::MetadataApi,
        Self::ApplicationCreator,
        Self::ApplicationManager,
        Self::UnrestrictedWorker,
        Self::PromptManager,
    ];

    /// The role of this name, as in `METADATA_MANAGER`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// The name of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::User => "USER",
            Self::MetadataManager => "METADATA_MANAGER",
            Self::WorkflowManager => "WORKFLOW_MANAGER",
            Self::UserReadOnly => "USER_READ_ONLY",
            Self::Worker => "WORKER",
            Self::MetadataApi => "METADATA_API",
            Self::ApplicationCreator => "APPLICATION_CREATOR",
            Self::ApplicationManager => "APPLICATION_MANAGER",
            Self::UnrestrictedWorker => "UNRESTRICTED_WORKER",
            Self::PromptManager => "PROMPT_MANAGER",
        }
    }

    /// What its permissions give: worked out once, since every request asks.
    fn gives(self) -> &'static [(Access, Kind)] {
        static GIVEN: LazyLock<Vec<Vec<(Access, Kind)>>> = LazyLock::new(|| {
            let given = |role: SystemRole| -> Vec<_> {
                let permissions = role.permissions().iter();
                permissions.flat_map(|name| Permission((*name).to_owned()).gives()).collect()
            };
            SystemRole::ALL.map(given).into()
        });
        &GIVEN[self as usize]
    }

    /// The permission names that clients are shown with the role. What they give here is
    /// [`Permission::gives`]; `ADMIN` and `USER_READ_ONLY` give what their names say.
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Admin => &[
                "API_GATEWAY_VIEW",
                "API_GATEWAY_MANAGEMENT",
                "WORKFLOW_MANAGEMENT",
                "PROMPT_MANAGEMENT",
                "EVENT_HANDLER_MANAGEMENT",
                "USER_MANAGEMENT",
                "PERMISSION_MANAGEMENT",
                "METADATA_VIEW",
                "ADMIN_MANAGEMENT",
                "METADATA_MANAGEMENT",
                "APPLICATION_MANAGEMENT",
                "BULK_MANAGEMENT",
                "SCHEDULE_MANAGEMENT",
                "AUTHORIZATION_MANAGEMENT",
                "WORKFLOW_SEARCH",
                "PUBLISHER_MANAGEMENT",
            ],
            Self::User => &[
                "CREATE_SECRET",
                "API_GATEWAY_MANAGEMENT",
                "CREATE_APPLICATION",
                "CREATE_INTEGRATION",
                "WORKFLOW_SEARCH",
                "CREATE_TASK_DEF",
                "CREATE_WORKFLOW_DEF",
                "CREATE_USER_FORM_TEMPLATE",
                "API_GATEWAY_VIEW",
            ],
            Self::MetadataManager => &[
                "API_GATEWAY_MANAGEMENT",
                "CREATE_INTEGRATION",
                "CREATE_SECRET",
                "METADATA_VIEW",
                "METADATA_MANAGEMENT",
                "API_GATEWAY_VIEW",
            ],
            Self::WorkflowManager => &[
                "WORKFLOW_MANAGEMENT",
                "BULK_MANAGEMENT",
                "SCHEDULE_MANAGEMENT",
                "WORKFLOW_SEARCH",
            ],
            Self::MetadataApi => {
                &["CREATE_TASK_DEF", "CREATE_WORKFLOW_DEF", "CREATE_USER_FORM_TEMPLATE"]
            }
            Self::ApplicationCreator => &["CREATE_APPLICATION"],
            Self::ApplicationManager => &["CREATE_APPLICATION", "APPLICATION_MANAGEMENT"],
            Self::PromptManager => &["PROMPT_MANAGEMENT"],
            Self::UserReadOnly | Self::Worker | Self::UnrestrictedWorker => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn each_role_gives_what_the_access_document_says() {
        for system in SystemRole::ALL {
            let role = Role::from(system);
            let given = |kind| -> Vec<_> {
                Access::ALL.into_iter().filter(|access| role.allows(*access, kind)).collect()
            };
            let integrations = match system {
                SystemRole::Admin => Access::ALL.to_vec(),
                SystemRole::UserReadOnly => vec![Access::Read],
                SystemRole::User | SystemRole::MetadataManager => vec![Access::Create],
                _ => vec![],
            };
            assert_eq!(given(Kind::Integration), integrations, "{system:?}");
            let applications = match system {
                SystemRole::Admin | SystemRole::ApplicationManager => Access::ALL.to_vec(),
                SystemRole::UserReadOnly => vec![Access::Read],
                SystemRole::User | SystemRole::ApplicationCreator => vec![Access::Create],
                _ => vec![],
            };
            assert_eq!(given(Kind::Application), applications, "{system:?}");
            let users = match system {
                SystemRole::Admin => Access::ALL.to_vec(),
                SystemRole::UserReadOnly => vec![Access::Read],
                _ => vec![],
            };
            assert_eq!(given(Kind::User), users, "{system:?}");
            assert_eq!(SystemRole::named(system.as_str()), Some(system));
        }
    }

    #[test]
    fn every_role_has_its_row_in_the_access_document() {
        let mut table = "| role | gives |\n| --- | --- |\n".to_owned();
        for system in SystemRole::ALL {
            let role = Role::from(system);
            let each = Kind::all().filter_map(|kind| {
                let words = Access::ALL.into_iter().filter(|access| role.allows(*access, kind));
                let words: Vec<_> = words.map(Access::as_str).collect();
                (!words.is_empty()).then(|| format!("{} on {}", words.join(", "), kind.as_str()))
            });
            let gives = match system {
                SystemRole::Admin => "everything".to_owned(),
                SystemRole::UserReadOnly => {
                    "READ on everything but AUDIT_LOG and SEAL_KEY".to_owned()
                }
                _ => each.collect::<Vec<_>>().join("; "),
            };
            let gives = if gives.is_empty() { "nothing here".to_owned() } else { gives };
            writeln!(table, "| `{}` | {gives} |", system.as_str()).unwrap();
        }
        let document = include_str!("../../../docs/access.md");
        let told = document.split("<!-- roles -->\n").nth(1).unwrap();
        let told = told.split("<!-- /roles -->").next().unwrap();
        assert_eq!(told, table, "docs/access.md must hold this table:\n{table}");
    }

    #[test]
    fn permissions_are_known_by_name_and_give_what_it_says() {
        let gives = |name| Permission::parse("permissions", name).unwrap().gives();
        assert_eq!(gives("READ_INTEGRATION_PROVIDER"), [(Access::Read, Kind::Integration)]);
        assert_eq!(gives("EXECUTE_INTEGRATION"), [(Access::Execute, Kind::Resource)]);
        for name in ["WORKFLOW_MANAGEMENT", "workflow:read", "READ_", "READ_ALL", "ADMIN", "*"] {
            assert_eq!(gives(name), [], "{name}");
        }
        assert!(Permission::parse("permissions", "").is_err());
    }
}
