//! How Spring Boot reads properties: from the environment, and with `${…}` in their values.

/// The variable of the environment that Spring Boot reads a property from.
///
/// Dots become `_`, dashes go, and the index of a list stands between `_`.
pub fn variable(property: &str) -> String {
    let kept = property.chars().filter(|c| !matches!(c, '-' | ']'));
    kept.map(|c| if matches!(c, '.' | '[') { '_' } else { c.to_ascii_uppercase() }).collect()
}

/// What Spring Boot puts the value of a variable of the environment in place of.
pub fn placeholder(variable: &str) -> String {
    format!("${{{variable}}}")
}

/// `text` so that Spring Boot reads it as it is, whatever `${` it holds: a placeholder in it could
/// carry any secret of the server's environment to where the text leads.
///
/// Only newer versions know an escape, but all know a default value: here `$`, for a property that
/// nobody sets.
pub fn inert(text: &str) -> String {
    text.replace("${", "${podium.dollar:$}{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_those_of_relaxed_binding() {
        for (property, expected) in [
            ("conductor.ai.openai.api-key", "CONDUCTOR_AI_OPENAI_APIKEY"),
            ("conductor.vectordb.instances[0].name", "CONDUCTOR_VECTORDB_INSTANCES_0_NAME"),
            (
                "conductor.jdbc.instances[12].connection.datasourceURL",
                "CONDUCTOR_JDBC_INSTANCES_12_CONNECTION_DATASOURCEURL",
            ),
        ] {
            assert_eq!(variable(property), expected);
        }
    }

    #[test]
    fn no_placeholder_survives() {
        for (text, expected) in [
            ("plain $1 {x}", "plain $1 {x}"),
            ("${HOME}", "${podium.dollar:$}{HOME}"),
            ("$${A}${B}", "$${podium.dollar:$}{A}${podium.dollar:$}{B}"),
        ] {
            assert_eq!(inert(text), expected);
        }
    }
}
