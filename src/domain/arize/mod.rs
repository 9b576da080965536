//! What only Arize's dialect knows; contract of that dialect, sections 2 to 5.

pub mod id;
