import { expect, test } from "vitest";
import { withValue } from "../../data/issue-messages.ts";
import { parseSettings } from "../../infra/settings.ts";
import { dockerSettings, imageSettings } from "../../infra/targets/docker/docker-settings.ts";
import { NO_SHARE } from "../../training/gate/bounds.ts";

const STAGING = {
  environment: "staging",
  target: "local",
  modelName: "churn-model",
  mlflow: {},
  training: {},
  promotion: {},
  data: { training: "train.csv", evaluation: "evaluation.csv" },
  gate: { accuracy: { min: 0.9 } },
  local: {},
  service: { port: 8000 },
};

const OVERRIDE = { version: 1, reason: "outage", who: "ada", expires: "2026-01-01T00:00:00Z" };

const MLFLOW_CONTAINER = {
  image: "ghcr.io/mlflow/mlflow:v3.17.2",
  allowedHosts: [],
  address: "127.0.0.1",
  base: expect.stringMatching(/^python:3\.\d+-slim@sha256:[0-9a-f]{64}$/),
};

const problemsOf = (changes: object): string => {
  try {
    parseSettings({ ...STAGING, ...changes }, "staging");
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};
const setIt = (key: string) => `Set it with: pulumi config set --path ${key} <value>`;

test("fills in the defaults", () => {
  expect(parseSettings(STAGING, "staging")).toEqual({
    ...STAGING,
    mlflow: { port: 5050, ...MLFLOW_CONTAINER },
    training: { command: "node training/train.ts", sources: ["training"], params: {} },
    service: { port: 8000, maxLatencyMs: 100 },
    local: { dataFolder: ".local", pythonVenv: ".venv" },
    image: imageSettings.parse({}),
    docker: dockerSettings.parse({}),
  });
});

test.each([
  [{ gate: { accuracy: '{"min": 0.8}' } }, "gate.accuracy", "keys", "gate.accuracy.<key>"],
  [{ training: { sources: "training" } }, "training.sources", "items", "'training.sources[0]'"],
  [{ data: { training: "a", evaluation: "b", classes: "no, yes" } }, "data.classes", "items", "'data.classes[0]'"],
  [{ data: { training: "a", evaluation: "b", missing: "NA" } }, "data.missing", "items", "'data.missing[0]'"],
])("an object or list that was set as text: says how to set it (%#)", (changes, key, what, path) => {
  expect(problemsOf(changes)).toContain(
    `(stack staging). Remove it and set its ${what}: pulumi config rm --path ${key} && pulumi config set --path ${path} <value>`,
  );
});

test("rejects a bound on a class that data.classes does not have", () => {
  const classes = (name: string) => ({
    gate: { performance: { classes: { [name]: { recall: { min: 0.9 } } } } },
    data: { training: "a", evaluation: "b", classes: ["critical", "low", 3] },
  });
  expect(problemsOf(classes("Critical"))).toContain(
    'gate.performance.classes names the class "Critical", but data.classes has critical, low, 3',
  );
  expect([problemsOf(classes("critical")), problemsOf(classes("3"))]).toEqual(["accepted", "accepted"]);
});

test("accepts a version as text and as the number that the CLI stores", () => {
  for (const version of ["1", 1])
    expect(parseSettings({ ...STAGING, promotion: { version } }, "staging").promotion).toEqual({ version: "1" });
});

test.each([
  [{ gate: { accuracy: { min: 85 } } }, "gate.accuracy.min", withValue(NO_SHARE, 85)],
  [{ gate: { accuracy: { min: -0.1 } } }, "gate.accuracy.min", withValue(NO_SHARE, -0.1)],
  [{ gate: { accuracy: { min: "high" } } }, "gate.accuracy.min", 'must be a number, got "high"'],
  [{ gate: { accuracy: {} } }, "gate.accuracy", "must have min or max, got {}"],
  [{ environment: "prod" }, "environment", 'must be staging or production, got "prod"'],
  [{ environment: undefined }, "environment", "is missing: must be staging or production"],
  [{ target: "k8s" }, "target", 'must be local, docker or kubernetes, got "k8s"'],
  [{ modelName: "a/b" }, "modelName", 'must be letters, digits, dots, dashes and underscores, got "a/b"'],
  [{ service: { port: 70_000 } }, "service.port", "must be between 1 and 65535, got 70000"],
  [
    { service: { port: 6000 } },
    "service.port",
    "must be another port, got 6000: other protocols use this one, so Node and browsers refuse to connect to it over HTTP",
  ],
  [{ service: { port: 8000.5 } }, "service.port", "must be a whole number, got 8000.5"],
  [{ service: { port: "x" } }, "service.port", 'must be a whole number, got "x"'],
  [{ service: {} }, "service.port", "is missing: must be a whole number"],
  [{ service: undefined }, "service", "is missing"],
  [{ service: { port: 8000, maxLatencyMs: 0 } }, "service.maxLatencyMs", "must be more than 0, got 0"],
  [{ mlflow: { trackingUri: "file:///x" } }, "mlflow.trackingUri", 'must be an http or https URL, got "file:///x"'],
  [
    { mlflow: { trackingUri: "http://127.0.0.1:5050/#/models/churn" } },
    "mlflow.trackingUri",
    'must be the server\'s URL, not the address of a page in the browser, got "http://127.0.0.1:5050/#/models/churn". Use http://127.0.0.1:5050',
  ],
  [{ mlflow: { trackingUri: 5 } }, "mlflow.trackingUri", "must be an http or https URL, got 5"],
  [{ data: { training: "", evaluation: "b" } }, "data.training", 'must not be empty, got ""'],
  ...(
    [
      [{ label: "" }, "label", 'must be the name of a column, got ""'],
      [{ label: ["y", ""] }, "label[1]", 'must be the name of a column, got ""'],
      [{ label: [] }, "label", "must name at least one column, got []"],
      [{ label: true }, "label", "must be the name of a column, or a list of them, got true"],
      [{ weights: "" }, "weights", 'must be the name of a column, got ""'],
      [{ label: ["y", "w"], weights: "w" }, "weights", 'must differ from label, got "w"'],
      [
        { classes: ["a", "b", "c"], positive: "b" },
        "positive",
        'applies to two classes, but classes lists 3, got "b": remove it',
      ],
      [{ classes: ["a"] }, "classes", 'must list at least two classes, got ["a"]'],
      [{ classes: ["1", 1], positive: 1 }, "classes", 'must list distinct classes, got ["1",1]'],
      [{ classes: ["no", "yes"] }, "positive", "is missing: set it to one of the classes no, yes"],
      [{ classes: ["no", "yes"], positive: "Yes" }, "positive", 'must be one of the classes no, yes, got "Yes"'],
      [{ positive: "yes" }, "classes", "is missing: positive must be one of the classes"],
      [{ ignore: [""] }, "ignore[0]", 'must be the name of a column, got ""'],
      [{ csv: { separator: "::" } }, "csv.separator", 'must be one character, got "::"'],
      [{ csv: { decimal: ";" } }, "csv.decimal", 'must be . or ,, got ";"'],
      [{ csv: { separator: ",", decimal: "," } }, "csv.separator", 'must differ from csv.decimal, got ","'],
      [{ csv: { encoding: "ebcdic" } }, "csv.encoding", 'must be utf-8, utf-16, latin-1 or windows-1252, got "ebcdic"'],
    ] as const
  ).map(([keys, key, message]): [object, string, string] => [
    { data: { training: "a", evaluation: "b", ...keys } },
    `data.${key}`,
    message,
  ]),
  [{ training: { sources: ["training", ""] } }, "training.sources[1]", 'must not be empty, got ""'],
  [{ training: { params: { C: null } } }, "training.params.C", "must be a number, a string, true or false, got null"],
  [
    { image: { base: "Node 24" } },
    "image.base",
    'must be an image, such as node:24-slim@sha256:<digest>, got "Node 24"',
  ],
  [
    { image: { repository: "Acme" } },
    "image.repository",
    'must be a path in the registry, such as acme/churn-model, got "Acme"',
  ],
  [{ docker: { memoryMb: 64 } }, "docker.memoryMb", "must be at least 128, got 64"],
  [{ docker: { address: "localhost" } }, "docker.address", 'must be an IP address, got "localhost"'],
  [{ promotion: { version: "v1" } }, "promotion.version", 'must be a version number, got "v1"'],
  [{ promotion: { version: 1.5 } }, "promotion.version", "must be a version number, got 1.5"],
  [
    { promotion: { override: { ...OVERRIDE, expires: "tomorrow" } } },
    "promotion.override.expires",
    'must be a time with its zone, such as 2026-05-01T12:00:00Z, got "tomorrow"',
  ],
  [
    { promotion: { override: { ...OVERRIDE, expires: "2999-01-01T00:00:00Z" } } },
    "promotion.override.expires",
    'must be within 7 days from now, got "2999-01-01T00:00:00Z"',
  ],
  [
    { promotion: { override: { ...OVERRIDE, who: " " } } },
    "promotion.override.who",
    'must say who takes responsibility, got " "',
  ],
  [{ promotion: { override: { ...OVERRIDE, reason: "" } } }, "promotion.override.reason", 'must say why, got ""'],
])("refuses %j and says how to set it", (changes, key, problem) => {
  expect(problemsOf(changes)).toBe(`${key} ${problem} (stack staging). ${setIt(key)}`);
});

test("accepts an expired override, which only the guard checks", () => {
  expect(problemsOf({ promotion: { override: OVERRIDE } })).toBe("accepted");
});

test.each([
  ["docker", false, undefined, "cannot be false with target docker"],
  ["kubernetes", false, { percent: 10 }, "cannot be false with a canary"],
  ["kubernetes", true, undefined, "is not supported on target kubernetes without a canary"],
  ["docker", true, undefined, "accepted"],
  ["kubernetes", true, { percent: 10 }, "accepted"],
  // The default in Pulumi.yaml, which configures no canary.
  ["kubernetes", true, {}, "is not supported on target kubernetes without a canary"],
  ["local", false, undefined, "accepted"],
])("on target %s autoRollback %j with the canary %j: %s", (target, autoRollback, canary, expected) => {
  expect(problemsOf({ target, promotion: { autoRollback }, ...(canary && { canary }) })).toContain(expected);
});

test.each([
  [{ percent: 60 }, "percent must be at most 50, got 60"],
  [{ percent: 12.5 }, "percent must be a whole number, got 12.5"],
  [{ predictionMargin: 0 }, "predictionMargin must be more than 0, got 0"],
  [{ errorRateMargin: "much" }, 'errorRateMargin must be a number, got "much"'],
  [{ latencyFloorMs: -1 }, "latencyFloorMs must not be negative, got -1"],
])("refuses the canary %j", (canary, problem) => {
  const key = `canary.${Object.keys(canary)[0]}`;
  expect(problemsOf({ target: "kubernetes", canary })).toBe(`canary.${problem} (stack staging). ${setIt(key)}`);
});

test.each([
  [{ kind: "gateway", host: "a.example" }, "gateway is missing: an HTTPRoute must name the Gateway it attaches to"],
  [
    { kind: "gateway", host: "a.example", gateway: { name: "public" }, tlsSecret: "a-tls" },
    "tlsSecret is for an Ingress only: a Gateway terminates TLS itself, with its listener's certificate",
  ],
  [
    { kind: "ingress", host: "https://a.example" },
    'host must be a host name such as churn.example.com, got "https://a.example"',
  ],
])("refuses the exposure %j", (exposure, problem) => {
  const key = `kubernetes.exposure.${problem.split(" ")[0]}`;
  expect(problemsOf({ target: "kubernetes", kubernetes: { exposure } })).toBe(
    `kubernetes.exposure.${problem} (stack staging). ${setIt(key)}`,
  );
});

test.each([undefined, {}])("rejects staging with the gate %j", (gate) => {
  expect(problemsOf({ gate })).toBe(
    `gate.accuracy.min is missing: staging requires a quality gate (stack staging). ${setIt("gate.accuracy.min")}`,
  );
});

test("rejects staging with only advisory checks", () => {
  const gate = { accuracy: { min: 0.8, level: "advisory" } };
  expect(problemsOf({ gate })).toBe(
    `gate.accuracy.level must not be advisory: all checks of the policy are advisory, so no version could pass. Make at least one bound required (stack staging). ${setIt("gate.accuracy.level")}`,
  );
  // The contract is a required check.
  expect(problemsOf({ gate, data: { training: "a", evaluation: "b", contract: "contract.yaml" } })).toBe("accepted");
  const production = { environment: "production", mlflow: { trackingUri: "http://127.0.0.1:5050" } };
  expect(problemsOf({ ...production, gate })).toBe("accepted");
});

test("production requires the registry, but no gate", () => {
  const production = { environment: "production", gate: {} };
  expect(problemsOf({ ...production, mlflow: { trackingUri: "http://127.0.0.1:5050" } })).toBe("accepted");
  expect(problemsOf({ ...production, mlflow: { stack: "organization/model-promotion/staging" } })).toBe("accepted");
  expect(problemsOf(production)).toBe(
    "mlflow.trackingUri is missing: production requires the registry's URL, or mlflow.stack to take it from (stack staging). " +
      setIt("mlflow.trackingUri"),
  );
});

test("names unknown keys at every depth, quoted for the shell", () => {
  expect(problemsOf({ "servce.port": 1 })).toContain(`Remove it with: pulumi config rm --path '["servce.port"]'`);
  expect(problemsOf({ gates: {} })).toBe(
    "gates is not a setting (stack staging). The nearest is gate. Remove it with: pulumi config rm --path gates",
  );
  expect(problemsOf({ data: { ...STAGING.data, test: "t.csv" } })).toContain(
    "data.test is not a setting (stack staging)",
  );
  expect(problemsOf({ gate: { acuracy: { min: 0.9 } } })).toBe(
    "gate.acuracy is not a setting (stack staging). The nearest is gate.accuracy. " +
      "Remove it with: pulumi config rm --path gate.acuracy",
  );
  expect(problemsOf({ gate: { slices: { age: { column: "f0", minsize: 3, accuracy: { min: 0.8 } } } } })).toBe(
    "gate.slices.age.minsize is not a setting (stack staging). The nearest is gate.slices.age.minSize. " +
      "Remove it with: pulumi config rm --path gate.slices.age.minsize",
  );
});

test("suggests the command if --path was forgotten", () => {
  expect(problemsOf({ "promotion.version": undefined })).toBe(
    "promotion.version is not a setting (stack staging). " +
      "Objects are set by path: pulumi config set --path promotion.version <value>",
  );
  expect(problemsOf({ "other.key": undefined })).toContain("other.key is not a setting (stack staging)");
});

test("names all problems at once", () => {
  const problems = problemsOf({ gate: { accuracy: { min: 85 } }, service: { port: 0 }, extra: 1 }).split("\n");
  expect(problems.map((problem) => problem.split(" ")[0])).toEqual(["gate.accuracy.min", "service.port", "extra"]);
});

test("rejects a password in the tracking URI without showing it", () => {
  const message = problemsOf({ mlflow: { trackingUri: "http://ann:s3cret@mlflow.example" } });
  expect(message).toContain(
    'must not contain a password, got "http://***@mlflow.example": use the secrets mlflowUsername and mlflowPassword',
  );
  expect(problemsOf({ mlflow: { trackingUri: "htp://ann:s3cret@mlflow.example" } })).not.toContain("s3cret");
  expect(problemsOf({ mlflow: { trackingUri: "http://ann:s3cret@mlflow.example/#/models" } })).not.toContain("s3cret");
});

test.each([
  ["mlflow.backendStoreUri", { backendStoreUri: "postgresql://mlflow:word@db/mlflow" }],
  ["mlflow.artifactRoot", { artifactRoot: "s3://bucket/models" }],
])("MLflow's official image has no driver for %s: another one has to be named", (key, mlflow) => {
  const message = problemsOf({ target: "docker", mlflow });
  expect(message).toBe(
    `mlflow.image must be build or your own image: MLflow's official image has no driver for ${key} (stack staging). ` +
      setIt("mlflow.image"),
  );
  for (const changes of [
    ...["build", "acme/mlflow:3"].map((image) => ({ target: "docker", mlflow: { ...mlflow, image } })),
    { target: "docker", mlflow: { ...mlflow, trackingUri: "https://mlflow.example.org" } },
    { target: "docker", mlflow: { backendStoreUri: "sqlite:////data/other.db", artifactRoot: "/data/other" } },
    { target: "local", mlflow },
  ])
    expect(problemsOf(changes)).toBe("accepted");
});
