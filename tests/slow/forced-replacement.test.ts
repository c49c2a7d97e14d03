/**
 * What the state's commands and flags do to each resource of a running story, on the embedded engine and on the Pulumi CLI: callers lose no
 * request, and the registry says afterwards what it said before.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findInstalledPulumi } from "../../deploy/pulumi-cli.mjs";
import { readHistory } from "../../registry/history.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../registry/model-versions.ts";
import { HealthAnswer } from "../../service/contract.ts";
import { callersOf } from "../helpers/callers.ts";
import { makeProject, type Project, type Ran } from "../helpers/project.ts";
import { testNeeding } from "../helpers/test-needing.ts";

const MODEL = "churn-model";
const STACKS = ["staging", "production"] as const;
type Stack = (typeof STACKS)[number];
/** Replaced, it trains a new version. */
const TRAINER = "churn-model-trainer";
const SECOND = 1_000;

const cli = findInstalledPulumi();
const needsCli = testNeeding(
  cli ? undefined : { what: "no Pulumi CLI is installed", remedy: "https://www.pulumi.com/docs/install" },
  // .ci/with-pulumi-cli brings one every night (part cli); the job of the slow tests has none.
  { alsoInCi: false },
);

function story(engine: string, path: string | undefined, declare: (name: string, run: () => Promise<void>) => void) {
  describe(engine, () => {
    let project: Project;
    let client: MlflowClient;
    beforeAll(async () => {
      if (engine !== "the embedded engine" && path === undefined) return;
      project = await makeProject(path);
      client = new MlflowClient({ trackingUri: project.trackingUri });
      await project.set("staging", "gate.accuracy.min", "0.85");
      for (const stack of STACKS) await must(project.up(stack));
    }, 300 * SECOND);
    afterAll(() => project?.remove());

    async function must(work: Promise<Ran>): Promise<string> {
      const { exitCode, output } = await work;
      expect(exitCode, output).toBe(0);
      return output;
    }
    const pulumi = (stack: Stack, ...args: string[]) => must(project.pulumi(...args, "--stack", stack));
    const up = (stack: Stack, ...args: string[]) => must(project.up(stack, ...args));

    /** Which versions are served, which are marked, and the history. */
    async function observed() {
      const served = STACKS.map(async (stack) => {
        const answer = await fetch(`http://127.0.0.1:${project.ports[stack]}/health`);
        return HealthAnswer.parse(await answer.json()).version;
      });
      const marked = STACKS.map(async (stack) => (await getVersionByAlias(client, MODEL, stack))?.version);
      const events = (await readHistory(client, MODEL)).map(({ kind, to }) => `${kind} ${to}`);
      return { served: await Promise.all(served), marked: await Promise.all(marked), events };
    }

    async function resourcesOf(stack: Stack): Promise<string[]> {
      const { deployment } = await project.state(stack);
      return deployment.resources
        .map(({ urn }) => urn)
        .filter(
          (urn) =>
            /(::|\$)(pulumi-nodejs:dynamic\/|command:local:Command::)/.test(urn) && !urn.endsWith(`::${TRAINER}`),
        );
    }

    /** Does something to each resource of both stacks, and compares the environments after each. */
    async function toEach(work: (stack: Stack, urn: string) => Promise<void>): Promise<void> {
      const before = await observed();
      const callers = STACKS.map((stack) => callersOf(`http://127.0.0.1:${project.ports[stack]}`, 40));
      try {
        for (const stack of STACKS) {
          const urns = await resourcesOf(stack);
          expect(urns.length).toBeGreaterThan(2);
          for (const urn of urns) {
            await work(stack, urn);
            expect(await observed(), urn).toEqual(before);
          }
        }
      } finally {
        const reports = await Promise.all(callers.map((each) => each.stop()));
        expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
        for (const { sent } of reports) expect(sent).toBeGreaterThan(100);
      }
    }

    declare("a resource that is replaced by --replace", () =>
      toEach(async (stack, urn) => {
        expect(await up(stack, "--replace", urn)).toMatch(/[1-9]\d* replaced/);
      }),
    );

    declare("a resource that was tainted in the state", () =>
      toEach(async (stack, urn) => {
        await pulumi(stack, "state", "taint", "--yes", urn);
        expect(await up(stack)).toMatch(/[1-9]\d* replaced/);
      }),
    );

    declare("an update of one resource alone", () =>
      toEach(async (stack, urn) => {
        expect(await up(stack, "--target", urn)).not.toMatch(/\d+ (created|deleted|replaced|updated)/);
      }),
    );

    declare("a refresh, of all and of one resource", async () => {
      for (const stack of STACKS) await pulumi(stack, "refresh", "--yes", "--skip-preview", "--non-interactive");
      await toEach(async (stack, urn) => {
        await pulumi(stack, "refresh", "--yes", "--skip-preview", "--non-interactive", "--target", urn);
        await up(stack, "--expect-no-changes");
      });
    });

    declare("a trainer that is replaced trains again, and nothing of production moves", async () => {
      const before = await observed();
      const trainer = (await project.state("staging")).deployment.resources.find(({ urn }) => urn.endsWith(TRAINER));
      await up("staging", "--replace", trainer?.urn ?? "");
      const { served, marked, events } = await observed();
      expect([served[1], marked[1], events]).toEqual([before.served[1], before.marked[1], before.events]);
      expect(served[0]).not.toBe(before.served[0]);
      expect(marked[0]).toBe(served[0]);
      await up("production", "--expect-no-changes");
    });

    declare("destroy --exclude-protected leaves what is protected, and takes back the stage in order", async () => {
      const stage = (await resourcesOf("production")).find((urn) => urn.endsWith("::production-stage")) ?? "";
      const flags = ["--yes", "--skip-preview", "--non-interactive"];
      await pulumi("production", "state", "protect", "--yes", stage);
      const before = await observed();
      await pulumi("production", "destroy", "--exclude-protected", ...flags);
      expect(await observed()).toEqual(before);
      await up("production", "--expect-no-changes");
      await pulumi("production", "state", "unprotect", "--yes", stage);
      await pulumi("production", "destroy", "--exclude-protected", ...flags);
      expect(await getVersionByAlias(client, MODEL, "production")).toBeUndefined();
      expect((await readHistory(client, MODEL)).at(-1)?.kind).toBe("removal");
      await pulumi("staging", "destroy", "--exclude-protected", ...flags);
    });
  });
}

story("the embedded engine", undefined, (name, run) => it(name, { timeout: 600 * SECOND }, run));
story("the Pulumi CLI", cli, (name, run) => needsCli(`${name} (Pulumi CLI)`, { timeout: 900 * SECOND }, run));
