//! What is measured.

use super::Options;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    NoopGet,
    NoopPost,
    GetOne(Place),
    Upsert(Place),
    RawUpsert,
    NoopList,
    List,
}

/// Where Podium keeps what is read and saved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The embedded database.
    Embedded,
    /// PostgreSQL, behind one server.
    Postgres,
    /// PostgreSQL, behind three servers.
    Postgres3,
}

impl Place {
    /// What its servers are called in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "Podium",
            Self::Postgres => "Podium on PostgreSQL",
            Self::Postgres3 => "three of them",
        }
    }

    /// How many servers there are.
    pub fn servers(self) -> u32 {
        if self == Self::Postgres3 { 3 } else { 1 }
    }
}

impl Operation {
    const EMBEDDED: [Self; 6] = [
        Self::NoopGet,
        Self::NoopPost,
        Self::GetOne(Place::Embedded),
        Self::Upsert(Place::Embedded),
        Self::NoopList,
        Self::List,
    ];

    const POSTGRES: [Self; 5] = [
        Self::GetOne(Place::Postgres),
        Self::GetOne(Place::Postgres3),
        Self::Upsert(Place::Postgres),
        Self::Upsert(Place::Postgres3),
        Self::RawUpsert,
    ];

    /// What is measured with so many connections: of several servers, each needs one.
    pub fn all(options: &Options, connections: u32) -> Vec<Self> {
        let mut all = Self::EMBEDDED.to_vec();
        if options.postgres {
            all.extend(Self::POSTGRES);
        }
        all.retain(|operation| operation.place().is_none_or(|at| at.servers() <= connections));
        all
    }

    /// What it is called in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoopGet => "noop-get",
            Self::NoopPost => "noop-post",
            Self::GetOne(Place::Embedded) => "get-one",
            Self::GetOne(Place::Postgres) => "get-one-pg",
            Self::GetOne(Place::Postgres3) => "get-one-pg-3",
            Self::Upsert(Place::Embedded) => "upsert",
            Self::Upsert(Place::Postgres) => "upsert-pg",
            Self::Upsert(Place::Postgres3) => "upsert-pg-3",
            Self::RawUpsert => "pgbench",
            Self::NoopList => "noop-list",
            Self::List => "list-1000",
        }
    }

    /// Where Podium keeps what it reads or saves; `None` where Podium is not asked.
    fn place(self) -> Option<Place> {
        match self {
            Self::GetOne(place) | Self::Upsert(place) => Some(place),
            Self::List => Some(Place::Embedded),
            Self::NoopGet | Self::NoopPost | Self::NoopList | Self::RawUpsert => None,
        }
    }

    /// Whether PostgreSQL works for it.
    pub fn is_on_postgres(self) -> bool {
        Self::POSTGRES.contains(&self)
    }

    /// What its rate is also divided by: a save's by that of PostgreSQL alone.
    pub fn raw(self) -> Option<Self> {
        matches!(self, Self::Upsert(_)).then_some(Self::RawUpsert)
    }

    /// What its rate is divided by: a list's by that of a route with as many bytes.
    pub fn baseline(self) -> Self {
        if self == Self::List { Self::NoopList } else { Self::NoopGet }
    }
}
