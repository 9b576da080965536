//! Organizations and their spaces: where an integration can be seen in Arize's dialect.

use serde::{Deserialize, Serialize};

use super::integration::Stamps;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The number in its id.
    pub number: i64,
    /// Its name, which no other organization has.
    pub name: String,
    /// Who made it, and when.
    pub stamps: Stamps,
}

/// A space of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// The number in its id.
    pub number: i64,
    /// The number of its organization.
    pub organization: i64,
    /// Its name, which no other space of the organization has.
    pub name: String,
    /// Who made it, and when.
    pub stamps: Stamps,
}
