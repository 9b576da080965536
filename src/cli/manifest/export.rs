//! `podium export`: the registry, or a part of it, as a manifest.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{conductor, yaml};
use crate::cli::client::Client;
use crate::cli::{Outcome, open, output, show};

/// The arguments of `podium export`.
#[derive(Args)]
pub struct ExportArgs {
    /// Only what has this name; one that ends in `*` stands for all that begin so. Give it once for
    /// each.
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Only what carries this tag, as in `team:core`; give it once for each.
    #[arg(long = "tag", value_name = "KEY:VALUE")]
    tags: Vec<String>,
    /// Only integrations of this category, as in `AI_MODEL`; give it once for each.
    #[arg(long = "category", value_name = "CATEGORY")]
    categories: Vec<String>,
    /// Only what belongs to the manifest of this owner.
    #[arg(long, value_name = "OWNER", conflicts_with = "from_conductor")]
    owner: Option<String>,
    /// What stands in the place of secrets: `keep`, or `env`, references to variables by names of
    /// theirs.
    #[arg(long, value_enum, default_value = "keep", conflicts_with = "from_conductor")]
    secrets: Secrets,
    /// The form of the output.
    #[arg(long, value_enum, default_value = "yaml")]
    format: Format,
    /// Write to this file, which only its owner can read, and not to standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it is there.
    #[arg(long, requires = "output")]
    force: bool,
    /// Read the integrations and prompts of another Conductor server, with its access key in
    /// `CONDUCTOR_AUTH_KEY` and `CONDUCTOR_AUTH_SECRET` if it takes one. No secret is written: each becomes
    /// a reference to a variable.
    #[arg(long, value_name = "URL")]
    from_conductor: Option<String>,
}

/// What stands in the place of secrets.
#[derive(Clone, Copy, ValueEnum)]
enum Secrets {
    Keep,
    Env,
}

/// The form of the output.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

/// Runs `podium export`.
pub fn export(args: ExportArgs) -> Outcome {
    open::check_settings()?;
    let manifest = match &args.from_conductor {
        Some(url) => {
            let server = Client::at("--from-conductor", url, &open::variable)?;
            let selection = conductor::Selection {
                names: &args.names,
                tags: &args.tags,
                categories: &args.categories,
            };
            let read = conductor::read(&server, &selection)?;
            if !read.variables.is_empty() {
                let names = show::plain(&read.variables.join(", "));
                eprintln!("podium: secrets are not written; set these variables to apply: {names}");
            }
            serde_json::to_value(read.manifest)?
        }
        None => Client::sign_in(&open::variable, "")?.get(&["manifest"], &query(&args))?,
    };
    let text = match args.format {
        Format::Yaml => yaml::write(&manifest),
        Format::Json => show::escaped(&serde_json::to_string_pretty::<Value>(&manifest)?) + "\n",
    };
    output::write(&text, args.output.as_deref(), args.force)
}

/// What of the registry is asked for.
fn query(args: &ExportArgs) -> String {
    let secrets = match args.secrets {
        Secrets::Keep => "keep",
        Secrets::Env => "env",
    };
    let mut query = format!("?secrets={secrets}");
    let lists = [("name", &args.names), ("tag", &args.tags), ("category", &args.categories)];
    let listed =
        lists.iter().flat_map(|(name, values)| values.iter().map(move |value| (*name, value)));
    for (name, value) in listed.chain(args.owner.iter().map(|owner| ("owner", owner))) {
        query.extend(["&", name, "="]);
        query.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    query
}
