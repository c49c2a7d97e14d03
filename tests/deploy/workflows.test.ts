import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { testNeeding } from "../helpers/test-needing.ts";

const FOLDER = ".github/workflows";
const workflows = readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), "utf8")] as const);
const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly on: Record<
    string,
    { branches?: string[]; paths?: string[]; inputs?: Record<string, { required: boolean }> }
  >;
  readonly concurrency: { group: string; "cancel-in-progress": boolean };
  readonly permissions: Record<string, string>;
  readonly jobs: Record<string, { steps: Step[]; environment?: string; permissions?: Record<string, string> }>;
}
const read = (file: string) => parse(readFileSync(join(FOLDER, file), "utf8")) as Workflow;
const steps = (text: string) => Object.values((parse(text) as Workflow).jobs).flatMap((job) => job.steps);

test.each(workflows)(
  "%s: every step that runs something is an npm script or a part of .ci/run, and takes no text of an event",
  (_file, text) => {
    for (const { run } of steps(text)) {
      // A matrix is this file's own text.
      if (run === undefined || run === "npm ci" || /^\.ci\/run (\w+|\$\{\{ matrix\.part \}\})$/.test(run)) continue;
      const [, script = ""] = /^npm (?:run )?([\w:]+)(?: -- --yes)?$/.exec(run) ?? [];
      expect(scripts, run).toHaveProperty([script]);
    }
  },
);

test.each(workflows)("%s: every action is pinned by its commit", (_file, text) => {
  for (const { uses } of steps(text)) if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
});

test.each(workflows)("%s: may read the repository and, but for a comment, nothing more", (file) => {
  const { permissions, jobs } = read(file);
  expect(permissions).toEqual({ contents: "read" });
  const own = Object.entries(jobs).flatMap(([name, job]) => (job.permissions ? [[name, job.permissions]] : []));
  const comment = ["preview", { contents: "read", "pull-requests": "write" }];
  expect(own).toEqual(file === "ci.yml" ? [comment] : []);
});

test("a candidate goes to staging by hand or by a push to training/, in the staging environment, never cut", () => {
  const { on, concurrency, jobs } = read("candidate-to-staging.yml");
  expect(Object.keys(on).sort()).toEqual(["push", "workflow_dispatch"]);
  expect(on.push?.paths).toEqual(["training/**"]);
  expect(concurrency).toEqual({ group: "staging", "cancel-in-progress": false });
  expect(jobs.staging?.environment).toBe("staging");
});

test("a promotion names its version, may give a reason, and needs the production environment", () => {
  const { on, concurrency, jobs } = read("promote-to-production.yml");
  expect(Object.keys(on)).toEqual(["workflow_dispatch"]);
  expect(on.workflow_dispatch?.inputs).toMatchObject({
    model_version: { required: true },
    override_reason: { required: false },
    override_expires: { required: false },
  });
  expect(concurrency).toEqual({ group: "production", "cancel-in-progress": false });
  expect(jobs.production?.environment).toBe("production");
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
  expect(deploying.map(([name]) => name)).toEqual(["deploy:preview", "deploy:staging", "deploy:production"]);
  for (const [, command] of deploying) expect(command).toMatch(/ --policy-pack policy$/);
});

testNeeding(missing, { alsoInCi: false })("actionlint finds nothing to say", {}, () => {
  const { status, stdout, stderr } = spawnSync(actionlint ?? "", ["-no-color"], { encoding: "utf8" });
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
});
