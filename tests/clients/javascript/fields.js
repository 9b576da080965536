// Configurations with a value in every field that the definition of a type has.

/** A secret of its own for each version of each field, hard to carry unchanged. */
const secret = (version, name) => `sk-${version}-${name} "\\%2B+&=/\${x} \\u0041 end`;

const pem = (version, name) =>
  `-----BEGIN KEY-----\r\n${secret(version, name)}\r\n-----END KEY-----\n`;

/** What a provider's console offers for download, as JSON. */
const serviceAccount = (version, name) => ({
  type: "service_account",
  project: "größe",
  private_key: pem(version, name),
  scopes: [secret(version, "scope"), 7, null, { deep: secret(version, "deep") }],
});

/** The same as a user interface sends it: as the text of the file. */
const serviceAccountText = (version, name) =>
  `${JSON.stringify(serviceAccount(version, name), null, 2)}\n`;

export const FILES = { pem, serviceAccount, serviceAccountText };

export const takesFiles = (definition) =>
  definition.configuration.some((field) => field.fieldType === "FILE");

/** The fields that the definition says are secret. */
export const secrets = (definition) =>
  definition.configuration
    .filter((field) => ["PASSWORD", "FILE"].includes(field.fieldType))
    .map((field) => field.fieldName);

/** A valid value for every field; those of secrets differ with `version`. */
export const configuration = (definition, version, file = pem) =>
  Object.fromEntries(
    definition.configuration.map((field) => [field.fieldName, value(field, version, file)]),
  );

function value({ fieldName, fieldType, valueOptions, addresses, defaultValue }, version, file) {
  if (fieldType === "FILE") return file(version, fieldName);
  if (fieldType === "PASSWORD") return secret(version, fieldName);
  if (fieldType === "DROPDOWN") return valueOptions.at(-1).value;
  if (addresses) return address(addresses[0]);
  if (defaultValue !== undefined) return defaultValue;
  return /(url|endpoint)$/i.test(fieldName) ? address("https") : `${fieldName} of a team`;
}

/** An address of a form that a definition names; other forms are the schemes of URLs. */
function address(form) {
  const forms = {
    host: "server.example:4000",
    hosts: "one.example:4000,two.example:4000",
    mq: "server.example(1414)",
    jdbc: "jdbc:postgresql://server.example:5432/podium",
  };
  return forms[form] ?? `${form}://server.example/v1`;
}
