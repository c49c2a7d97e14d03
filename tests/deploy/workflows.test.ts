import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { testNeeding } from "../helpers/test-needing.ts";

const FOLDER = ".github/workflows";
const files = readdirSync(FOLDER);
const ACTIONS = ".github/actions";
/** As in `uses`. */
const ownActions = readdirSync(ACTIONS).map((name) => `./${ACTIONS}/${name}`);
const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, unknown>;
}
interface Job {
  readonly if?: string;
  readonly steps?: Step[];
  readonly uses?: string;
  readonly with?: Record<string, string>;
  readonly secrets?: string;
  readonly environment?: string;
  readonly needs?: string;
  readonly permissions?: Record<string, string>;
  readonly concurrency?: { group: string; "cancel-in-progress": boolean };
}
interface Trigger {
  readonly branches?: string[];
  readonly paths?: string[];
  readonly inputs?: Record<string, { required?: boolean }>;
  readonly secrets?: Record<string, { required?: boolean }>;
}
interface Workflow {
  readonly on: Record<string, Trigger>;
  readonly permissions?: Record<string, string>;
  readonly jobs: Record<string, Job>;
}
const read = (file: string) => parse(readFileSync(join(FOLDER, file), "utf8")) as Workflow;
const jobsOf = (file: string) => Object.entries(read(file).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap(([, { steps = [] }]) => steps);
const readAction = (uses: string) =>
  parse(readFileSync(join(uses, "action.yml"), "utf8")) as {
    inputs?: Record<string, { default?: string }>;
    runs: { using: string; steps: Step[] };
  };
/** Steps by file: of the workflows, and of the actions in this repository. */
const allSteps: [string, Step[]][] = [
  ...files.map((file): [string, Step[]] => [file, stepsOf(file)]),
  ...ownActions.map((uses): [string, Step[]] => [uses, readAction(uses).runs.steps]),
];
const isReusable = (file: string) => "workflow_call" in read(file).on;

/** Commands besides npm scripts and those in .ci. */
const OTHER_COMMANDS = ["npm ci", "cp -R .caller/models .caller/Pulumi.*.yaml .", 'cosign sign --yes "$NAME@$DIGEST"'];

test.each(allSteps)(
  "%s: every command is an npm script or in .ci, and contains no text from an event or input",
  (_, steps) => {
    for (const { run } of steps) {
      // A matrix is defined in this file.
      if (run === undefined || OTHER_COMMANDS.includes(run) || /^\.ci\/run (\w+|\$\{\{ matrix\.part \}\})$/.test(run))
        continue;
      expect(run).not.toContain("${{");
      if (run.startsWith(".ci/")) expect(existsSync(run), run).toBe(true);
      else {
        const [, script = ""] = /^npm run --silent ([\w:-]+)(?: -- "[^`]+")? >>? \S+$/.exec(run) ?? [];
        expect(scripts, run).toHaveProperty([script]);
      }
    }
  },
);

test.each(allSteps)("%s: every action of other repositories is pinned to a commit", (_, steps) => {
  for (const { uses } of steps)
    if (uses && !ownActions.includes(uses)) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
});

test.each(files)("%s: each called workflow is in this repository", (file) => {
  for (const [, { uses }] of jobsOf(file))
    if (uses) expect(isReusable(uses.replace("./.github/workflows/", ""))).toBe(true);
});

test("an action is pinned to the same commit everywhere", () => {
  const commits = Map.groupBy(
    new Set(allSteps.flatMap(([, steps]) => steps).flatMap(({ uses }) => uses ?? [])),
    (uses) => uses.split("@")[0],
  );
  for (const pinned of commits.values()) expect(pinned).toHaveLength(1);
});

// GitHub reads `./.github/actions/…` from the workspace when the step starts. In a workflow that another repository calls, the workspace is that
// repository's unless `project` is checked out there first.
test.each(files)(
  "%s: an action of this repository follows the checkout of this project, and gets inputs that it declares",
  (file) => {
    for (const [, { steps = [] }] of jobsOf(file))
      for (const [index, { uses = "", with: given = {} }] of steps.entries()) {
        if (!ownActions.includes(uses)) continue;
        const [checkout] = steps.slice(0, index).filter((step) => step.uses?.startsWith("actions/checkout@"));
        expect(checkout?.with).not.toHaveProperty("path");
        const called = read(file).on.workflow_call?.inputs ?? {};
        expect(checkout?.with?.repository).toBe(
          "project" in called ? `\${{ inputs.project || github.repository }}` : undefined,
        );
        expect(Object.keys(readAction(uses).inputs ?? {})).toEqual(expect.arrayContaining(Object.keys(given)));
      }
  },
);

test("Node is set up in one place, and every job that runs npm or .ci uses it", () => {
  const setUp = allSteps.filter(([, steps]) => steps.some(({ uses }) => uses?.startsWith("actions/setup-node@")));
  expect(setUp.map(([name]) => name)).toEqual(["./.github/actions/setup"]);
  for (const file of files)
    for (const [, { steps = [] }] of jobsOf(file)) {
      const first = steps.findIndex(({ run }) => /^(npm|\.ci\/)/.test(run ?? ""));
      if (first === -1) continue;
      expect(
        steps.slice(0, first).map(({ uses }) => uses),
        file,
      ).toContain("./.github/actions/setup");
    }
});

test("workflows may only read the repository, except that previews comment and the signing job has an identity", () => {
  const readOnly = { contents: "read" };
  const sign = { contents: "read", "id-token": "write", attestations: "write" };
  const own = files.flatMap((file) =>
    jobsOf(file).flatMap(([name, { permissions }]) => (permissions ? [[`${file} ${name}`, permissions]] : [])),
  );
  expect(Object.fromEntries(own)).toEqual({
    "changed-models.yml changed": readOnly,
    "ci.yml preview": { contents: "read", "pull-requests": "write" },
    // The maximum permissions of the workflow that it calls.
    "candidate-to-staging.yml staging": sign,
    "staging.yml deploy": readOnly,
    "staging.yml sign": sign,
  });
  // A reusable workflow has its caller's permissions.
  for (const file of files) expect(read(file).permissions, file).toEqual(isReusable(file) ? undefined : readOnly);
});

test("previews run only for pull requests that get secrets: not from forks, not by Dependabot", () => {
  const { models, preview } = read("ci.yml").jobs;
  expect(models?.if?.split(" && ")).toEqual([
    "github.event_name == 'pull_request'",
    "github.event.pull_request.head.repo.full_name == github.repository",
    "github.actor != 'dependabot[bot]'",
  ]);
  expect(preview).toMatchObject({ needs: "models", if: "needs.models.outputs.models != '[]'" });
});

test("a push updates staging of changed models, a manual run that of one model; a separate job signs", () => {
  const { on, jobs } = read("candidate-to-staging.yml");
  expect(Object.keys(on).sort()).toEqual(["push", "workflow_dispatch"]);
  expect(on.push?.branches).toEqual(["main"]);
  expect(on.push?.paths).toEqual(expect.arrayContaining(["models/**", "Pulumi.*.yaml", "training/**"]));
  expect(jobs.staging).toMatchObject({ needs: "models", uses: "./.github/workflows/staging.yml", secrets: "inherit" });
  const staging = read("staging.yml").jobs;
  expect(staging.deploy?.with).toMatchObject({ environment: "staging", command: "up" });
  expect(staging.sign).toMatchObject({ needs: "deploy", environment: "staging" });
});

test.each([
  ["promote-to-production.yml", "up", { model_version: true }, undefined],
  ["override-promotion.yml", "override", { model_version: true, reason: true, expires: true }, "production-override"],
  ["rollback.yml", "rollback", { model_version: false, reason: false }, undefined],
  ["withdraw.yml", "withdraw", { model_version: true, reason: true }, undefined],
])("%s: a person starts it for a model, and reviewers approve it", (file, command, inputs, reviewers) => {
  const { on, jobs } = read(file);
  expect(Object.keys(on)).toEqual(["workflow_dispatch"]);
  const given = Object.entries(on.workflow_dispatch?.inputs ?? {}).map(([name, { required = false }]) => [
    name,
    required,
  ]);
  expect(Object.fromEntries(given)).toEqual({ model: false, ...inputs });
  expect(Object.keys(jobs)).toEqual(["production"]);
  const { with: passed } = jobs.production ?? {};
  expect(passed).toMatchObject({ environment: "production", command, version: `\${{ inputs.model_version }}` });
  expect(passed?.["github-environment"]).toBe(reviewers);
  for (const input of Object.keys(inputs)) expect(Object.values(passed ?? {})).toContain(`\${{ inputs.${input} }}`);
});

test("deploy.yml locks a model's environment, cancels nothing, and requires no secret that only some targets need", () => {
  const { on, jobs } = read("deploy.yml");
  const { concurrency, environment } = jobs.deploy ?? {};
  expect(concurrency?.group).toMatch(/^\$\{\{ inputs\.model \|\| 'sample' \}\}-\$\{\{ inputs\.environment \}\}-/);
  expect(concurrency?.["cancel-in-progress"]).toBe(false);
  expect(environment).toBe(`\${{ inputs.github-environment || inputs.environment }}`);
  for (const { required } of Object.values(on.workflow_call?.secrets ?? {})) expect(required ?? false).toBe(false);
});

test("every secret that a reusable workflow reads is declared, and staging.yml declares those of deploy.yml", () => {
  const declared = (file: string) => Object.keys(read(file).on.workflow_call?.secrets ?? {});
  for (const file of files.filter(isReusable)) {
    const used = [...readFileSync(join(FOLDER, file), "utf8").matchAll(/secrets\.(\w+)/g)].map(([, name]) => name);
    expect(declared(file), file).toEqual(expect.arrayContaining(used));
  }
  expect(declared("staging.yml")).toEqual(expect.arrayContaining(declared("deploy.yml")));
});

test("docs/github-actions.md names every workflow, secret and variable", () => {
  const page = readFileSync("docs/github-actions.md", "utf8");
  const text = files.map((file) => readFileSync(join(FOLDER, file), "utf8")).join("\n");
  const names = new Set([...text.matchAll(/(?:secrets|vars)\.([A-Z_]+)/g)].map(([, name = ""]) => name));
  expect([...files, ...names].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

const folders = [...(process.env.PATH ?? "").split(delimiter), join(process.env.HOME ?? "", "go/bin")];
const actionlint = folders.map((folder) => join(folder, "actionlint")).find((path) => existsSync(path));

const missing = actionlint
  ? undefined
  : {
      what: "actionlint is not installed",
      remedy: "go install github.com/rhysd/actionlint/cmd/actionlint@latest",
    };

test("each script that deploys passes the policy pack", () => {
  const deploying = Object.entries(scripts).filter(([, command]) => String(command).includes("deploy/deploy.ts"));
  expect(deploying.map(([name]) => name)).toEqual(["deploy:preview", "deploy:staging", "deploy:production", "deploy"]);
  for (const [, command] of deploying) expect(command).toMatch(/ --policy-pack policy$/);
});

testNeeding(missing, { alsoInCi: false })("actionlint reports nothing", {}, () => {
  const { status, stdout, stderr } = spawnSync(actionlint ?? "", ["-no-color"], { encoding: "utf8" });
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
});
