//! A PostgreSQL database that is only read.

use super::readers::Readers;
use super::{Settings, Way};
use crate::domain::Result;
use crate::storage::{OpenError, Tx};

/// A database that is read, over one connection.
pub struct Source {
    readers: Readers,
    /// The name that servers with the same settings go by.
    pub(in crate::storage) servers: String,
}

impl Source {
    /// Connects to the database.
    pub fn open(settings: &Settings) -> Result<Self, OpenError> {
        let mut settings = settings.clone();
        let servers = settings.config.get_application_name().unwrap_or_default().to_owned();
        // So that it is not taken for one of them.
        settings.config.application_name(format!("{servers}, reading"));
        let way = Way::to(&settings)?;
        let mut session = way.session()?;
        // A runtime is neither driven nor dropped on a thread that drives one already, as the
        // caller's may.
        let connecting = std::thread::spawn(move || session.connect().map(|()| session));
        let connected = connecting.join().unwrap_or_else(|_| Err("panicked".into()));
        let session = connected.map_err(|cause| way.refused(cause))?;
        let readers = Readers::start(vec![session], settings.patience);
        let readers = readers.map_err(|cause| way.refused(cause.to_string()))?;
        Ok(Self { readers, servers })
    }

    /// As [`crate::storage::Source::read`].
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(work).await
    }
}
