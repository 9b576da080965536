//! `podium grant`: who was granted what.

use clap::{ArgGroup, Args, Subcommand};

use super::desk::{Desk, Granted, Place};
use super::{Outcome, show};
use crate::domain::access::{Access, Kind, Subject, Target};
use crate::domain::{Error, Result};

/// What `--help` says of the arguments.
const FORMS: &str = "\
SUBJECT is one of
  user:ann@example.org    a user
  group:devs              the members of a group
  role:USER               whoever has a role
  app:ID                  an application
TARGET is one of
  integration:openai-main           an integration with its resources
  integration:openai-main:gpt-4o    one resource of it
  tag:team:core                     whatever carries a tag
  app:ID, user:ID, group:ID, role:NAME, prompt:NAME
                                    or another of Conductor's target types, as in workflow_def:NAME
ACCESS is one of create, read, execute, update, delete.

Example: podium grant add group:devs integration:openai-main read execute";

/// The arguments of `podium grant`.
#[derive(Args)]
pub struct GrantArgs {
    #[command(subcommand)]
    command: GrantCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum GrantCommand {
    /// List the grants on one target, or those to one subject.
    #[command(after_help = FORMS, group = ArgGroup::new("which").required(true))]
    List {
        /// List who was granted something on this.
        #[arg(long, group = "which", value_name = "TARGET", value_parser = target)]
        on: Option<Target>,
        /// List what this was granted itself; what their groups and roles give is not in it.
        #[arg(long, group = "which", value_name = "SUBJECT", value_parser = subject)]
        to: Option<Subject>,
    },
    /// Grant a subject accesses on a target.
    #[command(after_help = FORMS)]
    Add(GrantedArgs),
    /// Take accesses on a target away from a subject.
    #[command(after_help = FORMS)]
    Remove(GrantedArgs),
}

#[derive(Args)]
struct GrantedArgs {
    /// To whom, as in `user:ann@example.org`.
    #[arg(value_parser = subject)]
    subject: Subject,
    /// On what, as in `integration:openai-main`.
    #[arg(value_parser = target)]
    target: Target,
    /// What may be done, as in `read execute`.
    #[arg(value_parser = access, required = true)]
    access: Vec<Access>,
}

/// Runs `podium grant`.
pub fn run(args: GrantArgs) -> Outcome {
    let desk = Desk::open(&args.place)?;
    let json = args.place.json;
    match args.command {
        GrantCommand::List { on, to } => {
            let (title, found) = match (on, to) {
                (Some(target), _) => ("SUBJECT", desk.grants_on(&target)?),
                (None, Some(subject)) => ("TARGET", desk.grants_to(&subject)?),
                (None, None) => return Ok(()),
            };
            show::list(json, &found, &[title, "ACCESS", "BY TAG"], |granted| {
                let tag = granted.tag.clone().unwrap_or_else(|| "-".to_owned());
                vec![written(granted), show::words(&granted.access), tag]
            })
        }
        GrantCommand::Add(GrantedArgs { subject, target, access }) => {
            let message = format!("granted {}", sentence(&access, &target, "to", &subject));
            desk.grant(subject, target, access)?;
            show::done(json, &message)
        }
        GrantCommand::Remove(GrantedArgs { subject, target, access }) => {
            let message = format!("took away {}", sentence(&access, &target, "from", &subject));
            desk.revoke(subject, target, access)?;
            show::done(json, &message)
        }
    }
}

fn sentence(access: &[Access], target: &Target, link: &str, subject: &Subject) -> String {
    let access: Vec<_> = access.iter().map(|access| access.as_str()).collect();
    let target = form(target.kind().as_str(), &target.id());
    let subject = form(subject.kind.as_str(), &subject.id);
    format!("{} on {target} {link} {subject}", access.join(", "))
}

fn written(granted: &Granted) -> String {
    form(&granted.kind, &granted.id)
}

/// A subject or target as it is written here.
fn form(kind: &str, id: &str) -> String {
    match kind {
        "USER" if id.starts_with("app:") => id.to_owned(),
        "APPLICATION" => format!("app:{id}"),
        "INTEGRATION_PROVIDER" => format!("integration:{id}"),
        kind => format!("{}:{id}", kind.to_ascii_lowercase()),
    }
}

/// Reads a subject as it is written here.
fn subject(raw: &str) -> Result<Subject> {
    match split(raw)? {
        ("app" | "application", id) => Subject::parse("USER", &format!("app:{id}")),
        (kind, id) => Subject::parse(kind, id),
    }
}

/// Reads a target as it is written here. Conductor's type `INTEGRATION` takes both an integration
/// and, as `integration:resource`, a resource.
fn target(raw: &str) -> Result<Target> {
    match split(raw)? {
        ("app", id) => Target::of(Kind::Application, id),
        (kind, id) => Target::of(Kind::parse("type", kind)?, id),
    }
}

fn access(raw: &str) -> Result<Access> {
    Access::parse("access", raw)
}

fn split(raw: &str) -> Result<(&str, &str)> {
    let reason = "must be a type and an id, as in `user:ann@example.org`";
    raw.split_once(':').ok_or_else(|| Error::invalid("argument", reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for raw in ["user:ann@example.org", "group:devs", "role:USER", "app:0199"] {
            let found = subject(raw).unwrap();
            assert_eq!(form(found.kind.as_str(), &found.id), raw);
        }
        for raw in [
            "integration:openai-main",
            "integration:openai-main:meta-llama/Llama-3:0",
            "tag:team:core",
            "app:0199",
            "user:ann",
            "workflow_def:billing",
        ] {
            let found = target(raw).unwrap();
            assert_eq!(form(found.kind().as_str(), &found.id()), raw);
        }
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for raw in ["", "ann", "user:", "tag:team:core", "user:a b"] {
            assert!(subject(raw).is_err(), "{raw}");
        }
        for raw in ["", "openai-main", "integration:", "tag:team", "thing:x"] {
            assert!(target(raw).is_err(), "{raw}");
        }
    }
}
