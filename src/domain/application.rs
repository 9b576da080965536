//! Applications and their access keys; contract section 7.

use super::access::Role;
use super::integration::Stamps;

/// A program that calls the registry: an orchestrator, a worker, a CI job.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its id, a UUID.
    pub id: String,
    /// Its name; several may have the same.
    pub name: String,
    /// Who and when.
    pub stamps: Stamps,
}

impl Application {
    /// The user id that an application acts under.
    pub fn user_id(id: &str) -> String {
        format!("app:{id}")
    }
}

/// An access key of an application, without its secret.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// The id that signs in with it.
    pub id: String,
    /// The application it belongs to.
    pub application: String,
    /// Whether it can be used, or is paused.
    pub active: bool,
    /// When it was made, in epoch milliseconds.
    pub created_on: i64,
}

/// An application as its user: what a signed-in caller is told about itself.
#[derive(Clone, Debug)]
pub struct ApplicationUser {
    /// The user id.
    pub id: String,
    /// The name of the application.
    pub name: String,
    /// Its roles.
    pub roles: Vec<Role>,
}
