import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

// Records the arguments and inputs of each npm script as one line of JSON.
const RECORDER = `
  import { appendFileSync, readFileSync } from "node:fs";
  const { KUBECONFIG, KUBECONFIG_CONTENT, OVERRIDE_REASON, OVERRIDE_EXPIRES, FAILING, AWS_REGION } = process.env;
  const kubeconfig = KUBECONFIG ? { path: KUBECONFIG, content: readFileSync(KUBECONFIG, "utf8"), KUBECONFIG_CONTENT } : undefined;
  appendFileSync("ran.jsonl", JSON.stringify({ args: process.argv.slice(2), kubeconfig, OVERRIDE_REASON, OVERRIDE_EXPIRES, region: AWS_REGION || undefined }) + "\\n");
  if (process.argv[2] === "pushed-image") console.log("digest=sha256:1");
  if (process.argv[2] === FAILING) process.exitCode = 7;
`;
const SCRIPTS = ["deploy", "rollback", "withdraw", "setup:python", "pushed-image"];

/** Runs .ci/deploy with bash and npm in a project whose scripts record their calls. */
function deploy(variables: Record<string, string>, files: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "ci-deploy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, ".ci"));
  cpSync(".ci/deploy", join(folder, ".ci/deploy"));
  writeFileSync(join(folder, "record.mjs"), RECORDER);
  const scripts = Object.fromEntries(SCRIPTS.map((name) => [name, `node record.mjs ${name}`]));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts }));
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  const output = join(folder, "output");
  const empty = {
    AWS_REGION: "",
    REGION: "",
    MODEL: "",
    MODEL_VERSION: "",
    REASON: "",
    EXPIRES: "",
    KUBECONFIG_CONTENT: "",
    KUBECONFIG: "",
  };
  const { status, stderr } = spawnSync(join(folder, ".ci/deploy"), {
    env: { ...process.env, ...empty, GITHUB_OUTPUT: output, RUNNER_TEMP: folder, ...variables },
    encoding: "utf8",
  });
  const record = join(folder, "ran.jsonl");
  const ran = existsSync(record)
    ? readFileSync(record, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
  return { status, stderr, ran, output: existsSync(output) ? readFileSync(output, "utf8") : "", folder };
}
const argsOf = ({ ran }: ReturnType<typeof deploy>) => ran.map(({ args }) => args);

const PRODUCTION = { MODEL: "fraud", ENVIRONMENT: "production" };

test("updating a model's staging stack sets up Python first and outputs the pushed image", () => {
  const requirements = "models/fraud/requirements.txt";
  const run = deploy({ COMMAND: "up", MODEL: "fraud", ENVIRONMENT: "staging" }, [requirements]);
  expect(argsOf(run)).toEqual([
    ["setup:python", "models/fraud/.venv", "examples/requirements.txt", requirements],
    ["deploy", "up", "fraud-staging", "--yes"],
    ["pushed-image", "--stack=fraud-staging"],
  ]);
  expect(run).toMatchObject({ status: 0, output: "digest=sha256:1\n" });
});

test("the region of an S3 backend comes from the repository's variable, or else from the runner", () => {
  const regionOf = (variables: Record<string, string>) =>
    deploy({ COMMAND: "preview", ENVIRONMENT: "staging", ...variables }).ran[0].region;
  expect(regionOf({})).toBeUndefined();
  expect(regionOf({ REGION: "eu-central-1" })).toBe("eu-central-1");
  expect(regionOf({ AWS_REGION: "us-east-1" })).toBe("us-east-1");
  expect(regionOf({ AWS_REGION: "us-east-1", REGION: "eu-central-1" })).toBe("eu-central-1");
});

test("the sample needs no Python, a preview changes nothing, and production pushes nothing", () => {
  expect(argsOf(deploy({ COMMAND: "preview", ENVIRONMENT: "staging" }))).toEqual([["deploy", "preview", "staging"]]);
  const promotion = deploy({ COMMAND: "up", ...PRODUCTION, MODEL_VERSION: "3" }, ["models/fraud/requirements.txt"]);
  expect(argsOf(promotion)).toEqual([["deploy", "up", "fraud-production", "--yes"]]);
});

test("a failed update ends with its exit code and outputs no image", () => {
  const run = deploy({ COMMAND: "up", ENVIRONMENT: "staging", FAILING: "deploy" });
  expect({ status: run.status, output: run.output, ran: run.ran.length }).toEqual({ status: 7, output: "", ran: 1 });
});

test("texts with any characters reach the commands unchanged", () => {
  const reason = `--yes "$(touch pwned)" 'a' \`touch pwned\`; touch pwned & größer`;
  const withdrawal = deploy({ COMMAND: "withdraw", ...PRODUCTION, MODEL_VERSION: "3", REASON: reason });
  expect(argsOf(withdrawal)).toEqual([["withdraw", "3", `--reason=${reason}`, "--stack=fraud-production", "--yes"]]);
  const rollback = deploy({ COMMAND: "rollback", ...PRODUCTION, MODEL_VERSION: "2", REASON: reason });
  expect(argsOf(rollback)).toEqual([["rollback", "--stack=fraud-production", "--to=2", `--reason=${reason}`, "--yes"]]);
  const override = deploy({
    COMMAND: "override",
    ...PRODUCTION,
    MODEL_VERSION: "2",
    REASON: reason,
    EXPIRES: "2026-05-01T12:00:00Z",
  });
  expect(override.ran).toMatchObject([
    {
      args: ["deploy", "up", "fraud-production", "--yes"],
      OVERRIDE_REASON: reason,
      OVERRIDE_EXPIRES: "2026-05-01T12:00:00Z",
    },
  ]);
  for (const { folder } of [withdrawal, rollback, override]) expect(existsSync(join(folder, "pwned"))).toBe(false);
});

test("a rollback without version and reason goes to the last good version", () => {
  expect(argsOf(deploy({ COMMAND: "rollback", ...PRODUCTION }))).toEqual([
    ["rollback", "--stack=fraud-production", "--yes"],
  ]);
});

test("a kubeconfig is a file that only the command sees", () => {
  const { ran } = deploy({ COMMAND: "preview", ...PRODUCTION, KUBECONFIG_CONTENT: "apiVersion: v1\nkind: Config" });
  const { path, content, KUBECONFIG_CONTENT } = ran[0].kubeconfig;
  expect({ content, KUBECONFIG_CONTENT }).toEqual({ content: "apiVersion: v1\nkind: Config\n" });
  expect(existsSync(path)).toBe(false);
});

test.each([
  [{ MODEL: "../x" }, "MODEL must be the name of a model, got ../x"],
  [{ MODEL: "fraud\n--x" }, "MODEL must be the name of a model, got fraud\n--x"],
  [{ ENVIRONMENT: "live" }, "ENVIRONMENT must be staging or production, got live"],
  [{ MODEL_VERSION: "--help" }, "MODEL_VERSION must be a version number such as 3, got --help"],
  [{ COMMAND: "destroy" }, "COMMAND must be preview, up, override, rollback or withdraw, got destroy"],
  [{ COMMAND: "withdraw", REASON: "x" }, "withdraw requires MODEL_VERSION"],
  [{ COMMAND: "withdraw", MODEL_VERSION: "3" }, "withdraw requires REASON"],
  [{ COMMAND: "override", MODEL_VERSION: "3", REASON: "x" }, "override requires EXPIRES"],
])("%j runs nothing: %s", (variables, message) => {
  const { status, stderr, ran } = deploy({ COMMAND: "up", ...PRODUCTION, ...variables });
  expect({ status, stderr, ran }).toEqual({ status: 2, stderr: `deploy: ${message}\n`, ran: [] });
});

test.each([
  ["up", { REASON: "x" }, "REASON"],
  ["up", { EXPIRES: "2026-05-01T12:00:00Z" }, "EXPIRES"],
  ["preview", { REASON: "x" }, "REASON"],
  ["rollback", { EXPIRES: "2026-05-01T12:00:00Z" }, "EXPIRES"],
  ["withdraw", { REASON: "x", EXPIRES: "2026-05-01T12:00:00Z" }, "EXPIRES"],
])("%s with %j runs nothing, because it would ignore an override's input", (COMMAND, variables, input) => {
  const { status, stderr, ran } = deploy({ COMMAND, ...PRODUCTION, MODEL_VERSION: "3", ...variables });
  const message = `deploy: ${COMMAND} takes no ${input}: only override promotes a version that the guard refuses\n`;
  expect({ status, stderr, ran }).toEqual({ status: 2, stderr: message, ran: [] });
});
