//! Who may do what: accesses, what they are on, and what each role gives.

use std::fmt;

use super::name::{IntegrationName, ResourceName};

/// What can be done to a thing; contract section 9.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Make it.
    Create,
    /// See it.
    Read,
    /// Change it, its tags and its resources.
    Update,
    /// Remove it.
    Delete,
    /// Use it.
    Execute,
}

impl Access {
    /// What the creator of a thing gets on it.
    pub const OWNER: [Self; 4] = [Self::Read, Self::Update, Self::Delete, Self::Execute];

    /// The word of the wire, as in `READ`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Read => "READ",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Execute => "EXECUTE",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// This access to the target, which must exist.
    Access(Access),
    /// [`Access::Update`] where the target exists, [`Access::Create`] where it does not.
    Save,
}

/// A kind of thing that an access can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Integrations.
    Integration,
    /// Resources of integrations.
    Resource,
    /// Applications, with their access keys.
    Application,
    /// The catalogue of integration definitions.
    Definition,
    /// The counts of events that workers report.
    Events,
}

impl Kind {
    /// The target type of the wire (contract section 9.1), or our own word where it has none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integration => "INTEGRATION_PROVIDER",
            Self::Resource => "INTEGRATION",
            Self::Application => "APPLICATION",
            Self::Definition => "INTEGRATION_DEF",
            Self::Events => "EVENT_STATS",
        }
    }
}

/// What an access is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// One integration, and with it its resources.
    Integration(IntegrationName),
    /// One resource of an integration.
    Resource(IntegrationName, ResourceName),
    /// One application, with its access keys.
    Application(String),
    /// All things of a kind.
    Every(Kind),
}

impl Target {
    /// The kind of thing it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Integration(_) => Kind::Integration,
            Self::Resource(..) => Kind::Resource,
            Self::Application(_) => Kind::Application,
            Self::Every(kind) => *kind,
        }
    }

    /// The id of the wire (contract section 9.1); `*` for a whole kind.
    pub fn id(&self) -> String {
        match self {
            Self::Integration(name) => name.to_string(),
            Self::Resource(integration, name) => format!("{integration}:{name}"),
            Self::Application(id) => id.clone(),
            Self::Every(_) => "*".to_owned(),
        }
    }

    /// The thing that this one is a part of: an access to the whole covers the part.
    pub fn whole(&self) -> Option<Self> {
        match self {
            Self::Resource(integration, _) => Some(Self::Integration(integration.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integration(name) => write!(f, "integration `{name}`"),
            Self::Resource(integration, name) => write!(f, "integration `{integration}:{name}`"),
            Self::Application(id) => write!(f, "application `{id}`"),
            Self::Every(Kind::Integration | Kind::Resource) => f.write_str("integrations"),
            Self::Every(Kind::Application) => f.write_str("applications"),
            Self::Every(Kind::Definition) => f.write_str("integration definitions"),
            Self::Every(Kind::Events) => f.write_str("event statistics"),
        }
    }
}

/// A system role; contract section 9.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May do everything.
    Admin,
    /// May create integrations.
    User,
    /// May create integrations.
    MetadataManager,
    /// Of the orchestrator; gives nothing here.
    WorkflowManager,
    /// Sees everything and changes nothing; stands alone.
    UserReadOnly,
    /// Of the orchestrator; gives nothing here.
    Worker,
    /// Of the orchestrator; gives nothing here.
    MetadataApi,
    /// Of the orchestrator; gives nothing here.
    ApplicationCreator,
    /// Of the orchestrator; gives nothing here.
    ApplicationManager,
    /// Of the orchestrator; gives nothing here.
    UnrestrictedWorker,
    /// Of the orchestrator; gives nothing here.
    PromptManager,
}

impl Role {
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

    /// Whether the role alone gives `access` to everything of `kind`.
    pub fn allows(self, access: Access, kind: Kind) -> bool {
        match self {
            Self::Admin => true,
            Self::UserReadOnly => access == Access::Read,
            Self::User | Self::MetadataManager => {
                access == Access::Create && matches!(kind, Kind::Integration | Kind::Events)
            }
            Self::WorkflowManager
            | Self::Worker
            | Self::MetadataApi
            | Self::ApplicationCreator
            | Self::ApplicationManager
            | Self::UnrestrictedWorker
            | Self::PromptManager => false,
        }
    }

    /// The permission names that clients are shown with the role (contract section 9.2).
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
            Self::UserReadOnly
            | Self::Worker
            | Self::ApplicationCreator
            | Self::ApplicationManager
            | Self::UnrestrictedWorker
            | Self::PromptManager => &[],
        }
    }
}

/// Who is calling, as the database knows them now.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The user id: `app:<application id>` for an application's access key.
    pub subject: String,
    /// The name shown for it.
    pub name: String,
    /// The access key that signed in.
    pub key_id: String,
    /// The roles held.
    pub roles: Vec<Role>,
    /// Where the request came from, for the audit log.
    pub address: Option<String>,
}

impl Principal {
    /// Whether one of the roles alone gives `access` to everything of `kind`.
    pub fn may(&self, access: Access, kind: Kind) -> bool {
        self.roles.iter().any(|role| role.allows(access, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_gives_what_the_access_document_says() {
        let accesses =
            [Access::Create, Access::Read, Access::Update, Access::Delete, Access::Execute];
        for role in Role::ALL {
            let given: Vec<_> =
                accesses.into_iter().filter(|a| role.allows(*a, Kind::Integration)).collect();
            let expected = match role {
                Role::Admin => accesses.to_vec(),
                Role::UserReadOnly => vec![Access::Read],
                Role::User | Role::MetadataManager => vec![Access::Create],
                _ => vec![],
            };
            assert_eq!(given, expected, "{role:?}");
            assert_eq!(Role::named(role.as_str()), Some(role));
            let applications = role.allows(Access::Create, Kind::Application);
            assert_eq!(applications, role == Role::Admin, "{role:?}");
        }
    }
}
