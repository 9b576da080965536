// Integrations as clients make them, how they are read back, and what each update changes.
//
// An update that points elsewhere sends the stored secrets again: see moves.test.js.

import { NEW_SECRET, SECRET } from "./arize.js";

export const URL_1 = "https://models.example/v1";
export const URL_2 = "https://elsewhere.example/v1";
const HEADERS = { "X-Team": SECRET, "X-Trace": SECRET };
export const ROLE = "arn:aws:iam::123456789012:role/models";

const none = [{}, {}];
const called = [{ isFunctionCallingEnabled: true }, { isFunctionCallingEnabled: true }];
const keys = [
  [{ apiKey: NEW_SECRET }, {}],
  [{ apiKey: null }, { hasApiKey: false }],
];
const models = [
  [{ modelNames: ["m-3", "m-1", "m-3"] }, { modelNames: ["m-3", "m-1"] }],
  [{ isDefaultModelsEnabled: true }, { isDefaultModelsEnabled: true }],
  [
    { isDefaultModelsEnabled: true, modelNames: [] },
    { isDefaultModelsEnabled: true, modelNames: [] },
  ],
];

/** A provider that needs nothing but a key. */
const keyed = (provider) => [
  {
    provider,
    config: { apiKey: SECRET, isFunctionCallingEnabled: false },
    reads: { hasApiKey: true, isFunctionCallingEnabled: false },
    updates: [none, called, ...keys],
  },
  {
    provider,
    variant: "with defaults",
    config: { apiKey: SECRET },
    reads: { hasApiKey: true, isFunctionCallingEnabled: true },
    updates: [none],
  },
];

/** A provider at an address of its own. */
const hosted = (provider) => ({
  provider,
  config: {
    baseUrl: URL_1,
    apiKey: SECRET,
    headers: HEADERS,
    modelNames: ["m-1", "m-2"],
    isDefaultModelsEnabled: false,
    isFunctionCallingEnabled: false,
  },
  reads: {
    baseUrl: URL_1,
    hasApiKey: true,
    headerNames: ["X-Team", "X-Trace"],
    modelNames: ["m-1", "m-2"],
    isDefaultModelsEnabled: false,
    isFunctionCallingEnabled: false,
  },
  updates: [
    none,
    called,
    ...keys,
    ...models,
    [{ baseUrl: URL_1 }, {}],
    [{ baseUrl: URL_2, apiKey: NEW_SECRET, headers: HEADERS }, { baseUrl: URL_2 }],
    [{ headers: { "X-Team": NEW_SECRET, "X-Trace": NEW_SECRET } }, {}],
    [{ headers: { "X-New": SECRET }, apiKey: SECRET }, { headerNames: ["X-New"] }],
    [{ headers: null, apiKey: SECRET }, { headerNames: [] }],
    [{ headers: {}, apiKey: SECRET }, { headerNames: [] }],
    [
      { headers: null, apiKey: null },
      { headerNames: [], hasApiKey: false },
    ],
  ],
});

const bedrock = (variant, auth, reads) => ({
  provider: "AWS_BEDROCK",
  variant,
  config: { auth, modelNames: ["m-1", "m-2"] },
  reads: { auth: reads, modelNames: ["m-1", "m-2"], isDefaultModelsEnabled: false },
  updates: [
    none,
    ...models,
    [
      { auth: { authType: "DEFAULT", roleArn: `${ROLE}-2` } },
      { auth: { authType: "DEFAULT", roleArn: `${ROLE}-2`, externalId: null, baseUrl: null } },
    ],
    [
      { auth: { authType: "BEARER_TOKEN", apiKey: NEW_SECRET, baseUrl: URL_2 } },
      { auth: { authType: "BEARER_TOKEN", hasApiKey: true, baseUrl: URL_2 } },
    ],
    [
      { auth: { authType: "PROXY_WITH_HEADERS", baseUrl: URL_2 } },
      { auth: { authType: "PROXY_WITH_HEADERS", baseUrl: URL_2, headerNames: [] } },
    ],
  ],
});

const vertex = { projectId: "models-1", location: "us-central1", projectAccessLabel: "team" };

export const LLM = [
  ...["OPEN_AI", "ANTHROPIC", "GEMINI"].flatMap(keyed),
  hosted("CUSTOM"),
  {
    provider: "CUSTOM",
    variant: "with defaults",
    config: { baseUrl: URL_1, modelNames: ["m-1"] },
    reads: {
      baseUrl: URL_1,
      hasApiKey: false,
      headerNames: [],
      modelNames: ["m-1"],
      isDefaultModelsEnabled: false,
      isFunctionCallingEnabled: true,
    },
    updates: [
      none,
      [{ baseUrl: URL_2 }, { baseUrl: URL_2 }],
      [{ apiKey: SECRET }, { hasApiKey: true }],
      [{ headers: HEADERS }, { headerNames: ["X-Team", "X-Trace"] }],
    ],
  },
  hosted("NVIDIA_NIM"),
  {
    provider: "NVIDIA_NIM",
    variant: "with defaults",
    config: { isDefaultModelsEnabled: true },
    reads: {
      baseUrl: null,
      hasApiKey: false,
      headerNames: [],
      modelNames: [],
      isDefaultModelsEnabled: true,
      isFunctionCallingEnabled: true,
    },
    updates: [
      none,
      [{ baseUrl: URL_2 }, { baseUrl: URL_2 }],
      [{ baseUrl: null }, {}],
      [
        { isDefaultModelsEnabled: false, modelNames: ["m-1"] },
        { isDefaultModelsEnabled: false, modelNames: ["m-1"] },
      ],
    ],
  },
  {
    provider: "NVIDIA_NIM",
    variant: "at an address",
    config: { baseUrl: URL_1, modelNames: ["m-1"] },
    reads: {
      baseUrl: URL_1,
      hasApiKey: false,
      headerNames: [],
      modelNames: ["m-1"],
      isDefaultModelsEnabled: false,
      isFunctionCallingEnabled: true,
    },
    updates: [[{ baseUrl: null }, { baseUrl: null }]],
  },
  bedrock(
    "in a role",
    { authType: "DEFAULT", roleArn: ROLE, externalId: "podium-1", baseUrl: URL_1 },
    { authType: "DEFAULT", roleArn: ROLE, externalId: "podium-1", baseUrl: URL_1 },
  ),
  bedrock(
    "with a token",
    { authType: "BEARER_TOKEN", apiKey: SECRET },
    { authType: "BEARER_TOKEN", hasApiKey: true, baseUrl: null },
  ),
  bedrock(
    "behind a proxy",
    { authType: "PROXY_WITH_HEADERS", baseUrl: URL_1, headers: HEADERS },
    { authType: "PROXY_WITH_HEADERS", baseUrl: URL_1, headerNames: ["X-Team", "X-Trace"] },
  ),
  {
    provider: "VERTEX_AI",
    config: vertex,
    reads: vertex,
    updates: [
      none,
      ...Object.keys(vertex).map((field) => [{ [field]: "other" }, { [field]: "other" }]),
    ],
  },
].map(({ provider, variant, config, reads, updates }) => ({
  title: variant ? `${provider} ${variant}` : provider,
  provider,
  config: { provider, ...config },
  reads: { provider, ...reads },
  updates,
}));

/** What creates an LLM integration, but for `changes`. */
export const llm = (name, provider = "OPEN_AI", changes = {}) => {
  const { config } = LLM.find((sample) => sample.provider === provider);
  return { type: "LLM", name, config, ...changes };
};

export const SCHEMA = {
  type: "object",
  required: ["input", "depth"],
  properties: { input: { type: "string" }, depth: { type: "integer", minimum: 1 } },
};

export const PRESETS = [
  { name: "greeting", description: "says hello", config: { input: "hello" } },
  { name: "deep", config: { depth: 3 } },
];

/** What creates an agent, but for `changes` of its configuration. */
export const agent = (name, changes = {}) => ({
  type: "AGENT",
  name,
  config: { endpoint: "https://agent.example/run", inputSchema: SCHEMA, ...changes },
});

/** Visible in the whole account. */
export const EVERYWHERE = [{ organizationId: null, spaceId: null }];

const LOWER_CASE = {
  OPEN_AI: "openAI",
  AZURE_OPEN_AI: "azureOpenAI",
  AWS_BEDROCK: "awsBedrock",
  VERTEX_AI: "vertexAI",
  ANTHROPIC: "anthropic",
  CUSTOM: "custom",
  NVIDIA_NIM: "nvidiaNim",
  GEMINI: "gemini",
  DEFAULT: "default",
  PROXY_WITH_HEADERS: "proxy_with_headers",
  BEARER_TOKEN: "bearer_token",
  AWS: "aws",
  GCP: "gcp",
};

/** The same in the words of a release. */
export const spoken = (release, value) =>
  release === "1.23"
    ? JSON.parse(JSON.stringify(value), (_, part) => LOWER_CASE[part] ?? part)
    : value;
