//! Which integrations a Conductor server is told about.

use super::mapping::Mapping;
use super::table::MAPPINGS;
use crate::cli::Outcome;
use crate::cli::desk::Provider;

/// The choice of one integration, where the server takes one of its kind.
#[derive(Clone)]
pub struct Pick {
    kind: String,
    name: String,
}

/// An integration, and where its settings go.
pub struct Chosen {
    /// Where they go.
    pub mapping: &'static Mapping,
    /// The integration.
    pub provider: Provider,
}

impl Pick {
    /// Reads `TYPE=NAME`.
    ///
    /// # Errors
    ///
    /// One line, for another form.
    pub fn parse(raw: &str) -> Result<Self, &'static str> {
        let (kind, name) =
            raw.split_once('=').ok_or("must be a type and a name, as in `openai=openai-main`")?;
        Ok(Self { kind: kind.to_owned(), name: name.to_owned() })
    }
}

/// The integrations that the server is told about, in the order of the table and by name; what is
/// left out is added to `notes`.
///
/// # Errors
///
/// A pick that chooses nothing.
pub fn choose(
    mut found: Vec<Provider>,
    picks: &[Pick],
    notes: &mut Vec<String>,
) -> Outcome<Vec<Chosen>> {
    found.sort_by(|one, other| one.name.cmp(&other.name));
    for pick in picks {
        check(pick, picks, &found)?;
    }
    let mut chosen = vec![];
    for mapping in MAPPINGS {
        let (taken, rest) = found.into_iter().partition(|one| mapping.takes(&one.kind));
        found = rest;
        let taken = if mapping.place.list().is_some() {
            taken
        } else {
            one_of(taken, mapping, picks, notes)
        };
        chosen.extend(taken.into_iter().map(|provider| Chosen { mapping, provider }));
    }
    notes.extend(
        found.iter().map(|one| format!("`{}` ({}) has no counterpart there", one.name, one.kind)),
    );
    Ok(chosen)
}

/// The one that is picked, or else the first, with a note.
fn one_of(
    taken: Vec<Provider>,
    mapping: &Mapping,
    picks: &[Pick],
    notes: &mut Vec<String>,
) -> Vec<Provider> {
    let pick = picks.iter().find(|pick| mapping.takes(&pick.kind));
    if let (None, [first, second, ..]) = (pick, &taken[..]) {
        let names: Vec<_> = taken.iter().map(|one| format!("`{}`", one.name)).collect();
        notes.push(format!(
            "there can be only one of {} there: took `{}`; --pick {}={} would take another",
            names.join(", "),
            first.name,
            second.kind,
            second.name
        ));
    }
    let picked = |one: &Provider| pick.is_none_or(|pick| pick.name == one.name);
    taken.into_iter().find(picked).into_iter().collect()
}

/// Whether `pick` chooses something, and no other one chooses the same.
fn check(pick: &Pick, picks: &[Pick], found: &[Provider]) -> Outcome {
    let Pick { kind, name } = pick;
    let mut single = MAPPINGS.iter().filter(|mapping| mapping.place.list().is_none());
    let mapping = single.find(|mapping| mapping.takes(kind));
    let mapping =
        mapping.ok_or_else(|| format!("--pick: there is nothing to pick for `{kind}`"))?;
    if picks.iter().filter(|other| mapping.takes(&other.kind)).count() > 1 {
        return Err(format!("--pick: two picks for `{kind}`, of which there can be one").into());
    }
    if !found.iter().any(|one| mapping.takes(&one.kind) && one.name == *name) {
        return Err(format!("--pick: no enabled integration `{name}` of `{kind}`").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(
        found: &[(&str, &str)],
        picks: &[&str],
    ) -> Result<(Vec<String>, Vec<String>), String> {
        let found = found.iter().map(|(name, kind)| Provider::bare(name, kind)).collect();
        let picks: Vec<_> = picks.iter().map(|pick| Pick::parse(pick).unwrap()).collect();
        let mut notes = vec![];
        let chosen = choose(found, &picks, &mut notes).map_err(|error| error.to_string())?;
        Ok((chosen.into_iter().map(|one| one.provider.name).collect(), notes))
    }

    const BEDROCK: [(&str, &str); 3] =
        [("titan", "aws_bedrock_titan"), ("claude", "aws_bedrock_anthropic"), ("other", "openai")];

    #[test]
    fn one_of_each_kind_is_taken_and_the_others_are_told() {
        let (names, notes) = chosen(&BEDROCK, &[]).unwrap();
        assert_eq!(names, ["other", "claude"]);
        let told = "there can be only one of `claude`, `titan` there: took `claude`; \
                    --pick aws_bedrock_titan=titan would take another";
        assert_eq!(notes, [told]);
    }

    #[test]
    fn a_pick_takes_another_of_the_same_kind() {
        let (names, notes) = chosen(&BEDROCK, &["AWS_bedrock_cohere=titan"]).unwrap();
        assert_eq!(names, ["other", "titan"]);
        assert!(notes.is_empty(), "{notes:?}");
    }

    #[test]
    fn any_number_goes_into_a_list() {
        let found =
            [("b", "pgvectordb"), ("a", "pgvectordb"), ("k", "kafka"), ("j", "relational_db")];
        let (names, notes) = chosen(&found, &[]).unwrap();
        assert_eq!(names, ["a", "b", "j"]);
        assert_eq!(notes, ["`k` (kafka) has no counterpart there"]);
    }

    #[test]
    fn a_pick_of_nothing_is_refused() {
        for picks in [
            &["openai=titan"][..],
            &["pgvectordb=x"],
            &["kafka=x"],
            &["aws_bedrock_titan=titan", "aws_bedrock_anthropic=claude"],
        ] {
            assert!(chosen(&BEDROCK, picks).unwrap_err().starts_with("--pick: "), "{picks:?}");
        }
        assert!(Pick::parse("openai").is_err());
    }
}
