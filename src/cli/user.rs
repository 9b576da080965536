//! `podium user`: users, and what they have.

use clap::{Args, Subcommand};

use super::desk::{Desk, Place, User};
use super::{Outcome, show};
use crate::domain::Result;
use crate::domain::access::UserId;
use crate::domain::user::UserDraft;

/// The arguments of `podium user`.
#[derive(Args)]
pub struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum UserCommand {
    /// List the users.
    List {
        /// List the users that applications are too, as `app:` and the application's id.
        #[arg(long)]
        apps: bool,
    },
    /// Show one user.
    Show {
        /// The user's id.
        #[arg(value_parser = user_id)]
        id: UserId,
    },
    /// Create a user, or replace the name and the roles of one.
    Save {
        /// The user's id, often an e-mail address; in any case.
        #[arg(value_parser = user_id)]
        id: UserId,
        /// The name shown.
        #[arg(long)]
        name: String,
        /// A role, as in `USER`; give it once for each. The user keeps no other.
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
        /// The id of a group; give it once for each. The user stays in no other. Without any, the
        /// user stays in the groups they are in.
        #[arg(long = "group", value_name = "GROUP")]
        groups: Option<Vec<String>>,
    },
    /// Delete a user with their roles, memberships and grants.
    Delete {
        /// The user's id.
        #[arg(value_parser = user_id)]
        id: UserId,
    },
}

/// Runs `podium user`.
pub fn run(args: UserArgs) -> Outcome {
    let desk = Desk::open(&args.place)?;
    let json = args.place.json;
    match args.command {
        UserCommand::List { apps } => {
            let header = ["ID", "NAME", "ROLES", "GROUPS"];
            show::list(json, &desk.users(apps)?, &header, |User { id, name, roles, groups }| {
                vec![id.clone(), name.clone(), show::words(roles), show::words(groups)]
            })
        }
        UserCommand::Show { id } => show_user(json, &desk.user(&id)?),
        UserCommand::Save { id, name, roles, groups } => {
            show_user(json, &desk.save_user(id, UserDraft { name, roles, groups })?)
        }
        UserCommand::Delete { id } => {
            let message = format!("deleted the user `{id}`");
            desk.delete_user(id)?;
            show::done(json, &message)
        }
    }
}

fn show_user(json: bool, user: &User) -> Outcome {
    let values = [
        ("id", user.id.clone()),
        ("name", user.name.clone()),
        ("roles", show::words(&user.roles)),
        ("groups", show::words(&user.groups)),
    ];
    show::one(json, user, &values)
}

fn user_id(raw: &str) -> Result<UserId> {
    UserId::parse("id", raw)
}
