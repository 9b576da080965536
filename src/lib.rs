//! Podium, an integration resource server for the Conductor workflow orchestrator.
//!
//! A dialect translates, the registry decides, storage remembers:
//!
//! | module | what it does | may name |
//! | --- | --- | --- |
//! | [`domain`] | what things are, and their rules; pure | nothing of ours |
//! | [`auth`], [`seal`], [`catalogue`], [`references`] | tokens and keys; sealed secrets; the known types; values kept elsewhere | `domain` |
//! | [`storage`] | the database, and every query once | `domain` |
//! | [`registry`] | every operation: permission, change and record together | `storage`, `seal`, `auth`, `catalogue`, `references`, `domain` |
//! | [`http`] | the server and its dialects | `registry`, `auth`, `domain` |
//! | [`config`] | the settings | `http`, `registry`, `storage`, `seal`, `auth`, `references`, `domain` |
//! | [`cli`] | the commands; wires everything together | all |
//!
//! `docs/architecture.md` tells the story, and a test keeps the table true.

#![allow(rustdoc::private_intra_doc_links)] // read with --document-private-items

pub mod auth;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod references;
pub mod registry;
pub mod seal;
pub mod storage;
