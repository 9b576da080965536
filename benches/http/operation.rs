//! What is measured.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::options::Options;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    NoopGet,
    NoopPost,
    GetOne(Place),
    Upsert(Place),
    RawUpsert,
    Mix,
    Token,
    ArizeGet,
    ArizePatch,
    NoopList,
    List,
}

/// Where Podium keeps what is read and saved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The embedded database.
    Embedded,
    /// The same, where each sync takes a millisecond more.
    Slow1,
    /// The same, where each sync takes five milliseconds more.
    Slow5,
    /// PostgreSQL, behind one server.
    Postgres,
    /// PostgreSQL, behind three servers.
    Postgres3,
}

/// What is measured, by the number of connections.
pub type Plan = BTreeMap<u32, BTreeSet<Operation>>;

impl Place {
    /// What its servers are called in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "Podium",
            Self::Slow1 => "Podium with 1 ms more a sync",
            Self::Slow5 => "Podium with 5 ms more a sync",
            Self::Postgres => "Podium on PostgreSQL",
            Self::Postgres3 => "three of them",
        }
    }

    /// How many servers there are.
    pub fn servers(self) -> u32 {
        if self == Self::Postgres3 { 3 } else { 1 }
    }

    /// How much longer a sync of its disk takes.
    pub fn sync_delay(self) -> Duration {
        Duration::from_millis(match self {
            Self::Slow1 => 1,
            Self::Slow5 => 5,
            Self::Embedded | Self::Postgres | Self::Postgres3 => 0,
        })
    }

    fn is_on_postgres(self) -> bool {
        matches!(self, Self::Postgres | Self::Postgres3)
    }
}

impl Operation {
    const ALL: [Self; 17] = [
        Self::NoopGet,
        Self::NoopPost,
        Self::GetOne(Place::Embedded),
        Self::GetOne(Place::Postgres),
        Self::GetOne(Place::Postgres3),
        Self::Upsert(Place::Embedded),
        Self::Upsert(Place::Slow1),
        Self::Upsert(Place::Slow5),
        Self::Upsert(Place::Postgres),
        Self::Upsert(Place::Postgres3),
        Self::RawUpsert,
        Self::Mix,
        Self::Token,
        Self::ArizeGet,
        Self::ArizePatch,
        Self::NoopList,
        Self::List,
    ];

    /// What is to be measured, each with what it is compared with. Of several servers, each needs
    /// a connection.
    pub fn plan(options: &Options) -> Plan {
        let mut plan = Plan::new();
        let wanted = options.only.as_deref().unwrap_or(&Self::ALL);
        for operation in wanted.iter().filter(|one| options.postgres || !one.is_on_postgres()) {
            let servers = operation.place().map_or(1, Place::servers);
            let connections = options.connections.as_deref().unwrap_or(operation.connections());
            for connections in connections.iter().filter(|connections| **connections >= servers) {
                let operations = plan.entry(*connections).or_default();
                operations.extend([*operation, operation.baseline()]);
            }
        }
        plan
    }

    /// The operation that is called so in the report.
    pub fn named(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|operation| operation.name() == name);
        found.ok_or_else(|| format!("one of {}", Self::ALL.map(Self::name).join(", ")))
    }

    /// What it is called in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoopGet => "noop-get",
            Self::NoopPost => "noop-post",
            Self::GetOne(Place::Postgres) => "get-one-pg",
            Self::GetOne(Place::Postgres3) => "get-one-pg-3",
            Self::GetOne(_) => "get-one",
            Self::Upsert(Place::Embedded) => "upsert",
            Self::Upsert(Place::Slow1) => "upsert-1ms",
            Self::Upsert(Place::Slow5) => "upsert-5ms",
            Self::Upsert(Place::Postgres) => "upsert-pg",
            Self::Upsert(Place::Postgres3) => "upsert-pg-3",
            Self::RawUpsert => "pgbench",
            Self::Mix => "mix",
            Self::Token => "token",
            Self::ArizeGet => "arize-get",
            Self::ArizePatch => "arize-patch",
            Self::NoopList => "noop-list",
            Self::List => "list-1000",
        }
    }

    /// With how many connections it is measured, unless that is said.
    fn connections(self) -> &'static [u32] {
        match self {
            Self::NoopGet | Self::GetOne(Place::Embedded) | Self::Upsert(Place::Embedded) => {
                &[1, 16, 64]
            }
            Self::NoopList | Self::List => &[16],
            _ if self.is_on_postgres() => &[1, 64],
            _ => &[64],
        }
    }

    /// Where Podium keeps what it reads or saves; `None` where Podium is not asked.
    pub fn place(self) -> Option<Place> {
        match self {
            Self::GetOne(place) | Self::Upsert(place) => Some(place),
            Self::Mix | Self::Token | Self::ArizeGet | Self::ArizePatch | Self::List => {
                Some(Place::Embedded)
            }
            Self::NoopGet | Self::NoopPost | Self::NoopList | Self::RawUpsert => None,
        }
    }

    /// Whether it saves resources, which can then be read.
    pub fn is_save(self) -> bool {
        matches!(self, Self::Upsert(_) | Self::Mix)
    }

    /// Whether PostgreSQL works for it.
    pub fn is_on_postgres(self) -> bool {
        self == Self::RawUpsert || self.place().is_some_and(Place::is_on_postgres)
    }

    /// What its rate is also divided by: a save's by that of PostgreSQL alone.
    pub fn raw(self) -> Option<Self> {
        matches!(self, Self::Upsert(_)).then_some(Self::RawUpsert)
    }

    /// What its rate is divided by: a list's by that of a route with as many bytes.
    pub fn baseline(self) -> Self {
        if matches!(self, Self::List | Self::NoopList) { Self::NoopList } else { Self::NoopGet }
    }
}
