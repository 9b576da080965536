//! Who is calling: tokens and access keys.

pub mod keys;
pub mod tokens;
