//! What a Conductor server calls the settings of Podium's types.
//!
//! The names are those of the configuration classes in the folder `ai` of `conductor-oss/conductor`.
//! `docs/conductor.md` shows the same table.

use super::mapping::{Field, Mapping, Place, Reading};

const fn same(from: &'static str, to: &'static str) -> Field {
    Field { from, to, reading: Reading::Same }
}

const fn read(from: &'static str, to: &'static str, reading: Reading) -> Field {
    Field { from, to, reading }
}

const API_KEY: Field = same("api_key", "api-key");

/// Every mapping.
pub const MAPPINGS: &[Mapping] = &[
    Mapping {
        types: &["openai"],
        place: Place::Provider("conductor.ai.openai"),
        fields: &[
            API_KEY,
            read("endpoint", "base-url", Reading::WithV1),
            same("organizationId", "organization-id"),
        ],
    },
    Mapping {
        types: &["anthropic"],
        place: Place::Provider("conductor.ai.anthropic"),
        fields: &[
            API_KEY,
            read("endpoint", "base-url", Reading::WithoutV1),
            same("completionsPath", "completions-path"),
            same("version", "version"),
            same("betaVersion", "beta-version"),
        ],
    },
    Mapping {
        types: &["azure_openai"],
        place: Place::Provider("conductor.ai.azureopenai"),
        fields: &[API_KEY, same("endpoint", "base-url")],
    },
    Mapping {
        types: &["cohere"],
        place: Place::Provider("conductor.ai.cohere"),
        fields: &[API_KEY, read("endpoint", "base-url", Reading::WithoutV1)],
    },
    Mapping { types: &["Grok"], place: Place::Provider("conductor.ai.grok"), fields: &[API_KEY] },
    Mapping {
        types: &["huggingface"],
        place: Place::Provider("conductor.ai.huggingface"),
        fields: &[API_KEY],
    },
    Mapping {
        types: &["mistral"],
        place: Place::Provider("conductor.ai.mistral"),
        fields: &[API_KEY, read("endpoint", "base-url", Reading::WithoutV1)],
    },
    Mapping {
        types: &["ollama"],
        place: Place::Provider("conductor.ai.ollama"),
        fields: &[
            same("endpoint", "base-url"),
            same("header", "auth-header-name"),
            same("api_key", "auth-header"),
        ],
    },
    Mapping {
        types: &["perplexity"],
        place: Place::Provider("conductor.ai.perplexity"),
        fields: &[API_KEY],
    },
    Mapping {
        types: &["vertex_ai", "vertex_ai_gemini"],
        place: Place::Provider("conductor.ai.gemini"),
        fields: &[
            same("projectName", "project-id"),
            same("environment", "location"),
            same("publisher", "publisher"),
        ],
    },
    Mapping {
        types: &[
            "aws_bedrock_anthropic",
            "aws_bedrock_cohere",
            "aws_bedrock_llama2",
            "aws_bedrock_titan",
        ],
        place: Place::Provider("conductor.ai.bedrock"),
        fields: &[
            same("user", "access-key"),
            same("api_key", "secret-key"),
            same("region", "region"),
        ],
    },
    Mapping {
        types: &["pgvectordb"],
        place: Place::Vector("postgres"),
        fields: &[
            same("datasourceURL", "datasourceURL"),
            same("user", "user"),
            same("password", "password"),
            same("dimensions", "dimensions"),
            read(
                "distance_metric",
                "distanceMetric",
                Reading::Words(&[
                    ("Cosine Similarity", "cosine"),
                    ("Euclidean Distance", "l2"),
                    ("Inner Product", "inner_product"),
                ]),
            ),
            same("indexing_method", "indexingMethod"),
            same("inverted_list_count", "invertedListCount"),
        ],
    },
    Mapping {
        types: &["mongovectordb"],
        place: Place::Vector("mongodb"),
        fields: &[same("endpoint", "connectionString"), same("namespace", "database")],
    },
    Mapping {
        types: &["pineconedb"],
        place: Place::Vector("pinecone"),
        fields: &[same("api_key", "apiKey")],
    },
    Mapping {
        types: &["relational_db"],
        place: Place::Jdbc,
        fields: &[
            same("datasourceURL", "datasourceURL"),
            read(
                "jdbcDriver",
                "jdbcDriver",
                Reading::Words(&[("Postgres", "org.postgresql.Driver")]),
            ),
            same("user", "user"),
            same("password", "password"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::super::mapping::Reading;
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn what_is_mapped_is_in_the_catalogue() {
        let catalogue = Catalogue::built_in();
        for mapping in MAPPINGS {
            let definitions = mapping.types.iter().map(|kind| {
                let definition = catalogue.find(kind).unwrap();
                assert_eq!(definition.kind, *kind);
                definition
            });
            let fields: Vec<_> = definitions
                .flat_map(|definition| definition.configuration.iter())
                .map(|field| field.field_name.as_str())
                .collect();
            for field in mapping.fields {
                assert!(fields.contains(&field.from), "{:?} {}", mapping.types, field.from);
            }
        }
    }

    #[test]
    fn every_mapping_has_its_rows_in_the_document() {
        let mut table = "| type | field | property |\n| --- | --- | --- |\n".to_owned();
        for mapping in MAPPINGS {
            let types: Vec<_> = mapping.types.iter().map(|kind| format!("`{kind}`")).collect();
            let types = types.join(", ");
            for Field { from, to, reading } in mapping.fields {
                let told = match reading {
                    Reading::Same => String::new(),
                    Reading::WithV1 => ", with `/v1` at its end".to_owned(),
                    Reading::WithoutV1 => ", without `/v1` at its end".to_owned(),
                    Reading::Words(words) => words.iter().fold(String::new(), |told, word| {
                        format!("{told}, `{}` as `{}`", word.0, word.1)
                    }),
                };
                let prefix = mapping.place.prefix('N');
                writeln!(table, "| {types} | `{from}` | `{prefix}.{to}`{told} |").unwrap();
            }
        }
        let document = include_str!("../../../docs/conductor.md");
        let told = document.split("<!-- mapping -->\n").nth(1).unwrap();
        let told = told.split("<!-- /mapping -->").next().unwrap();
        assert_eq!(told, table, "docs/conductor.md must hold this table:\n{table}");
    }
}
