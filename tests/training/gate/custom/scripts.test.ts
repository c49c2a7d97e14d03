import { mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sha256 } from "../../../../registry/artifact-digest.ts";
import { scriptDigests } from "../../../../training/gate/custom/scripts.ts";
import { parsePolicy, policySha256 } from "../../../../training/gate/policy.ts";
import { provider } from "../../../../training/gate/quality-gate-provider.ts";

let [project, elsewhere] = ["", ""];
beforeAll(async () => {
  project = await mkdtemp(join(await realpath("node_modules"), ".scripts-"));
  elsewhere = await mkdtemp(join(tmpdir(), "scripts-"));
});
afterAll(() => Promise.all([project, elsewhere].map((folder) => rm(folder, { recursive: true, force: true }))));

const policyOf = (...command: string[]) => parsePolicy({ custom: { revenue: { command, min: 0 } } }, "gate");

/** Placeholder in a preview for a value that only the update has. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Inputs as in a preview while the registry is unknown. */
const inputs = (policy: unknown) =>
  ({
    registry: { trackingUri: UNKNOWN },
    modelName: "m",
    version: "1",
    runId: "r",
    policy,
    evaluationData: "e.csv",
    evaluationMd5: "e",
    trainingData: "t.csv",
    trainingMd5: "t",
  }) as never;

/** State that an update would find after one with these inputs. */
async function changes(before: unknown, policy: unknown): Promise<boolean> {
  const { inputs: now } = await provider.check({}, inputs(policy));
  return (await provider.diff("m", before as never, now as never)).changes;
}

test("the content of a custom metric's script is an input of the gate and part of the policy's digest", async () => {
  const script = join(project, "revenue.py");
  await writeFile(script, "print(1)\n");
  const policy = policyOf("python3", script);
  const digest = async () => policySha256(policy, { scripts: await scriptDigests(policy) });
  const { inputs: first } = await provider.check({}, inputs(policy));
  expect(first).toMatchObject({ scripts: expect.stringMatching(/^\S+revenue\.py sha256 [0-9a-f]{64}$/) });
  const before = await digest();
  expect(await changes(first, policy)).toBe(false);
  await writeFile(script, "print(2)\n");
  expect(await changes(first, policy)).toBe(true);
  expect(await digest()).not.toBe(before);
  await rm(script);
  expect(await changes(first, policy)).toBe(true);
});

test("programs of the machine are not inputs, because they differ between machines", async () => {
  const interpreter = join(elsewhere, "python3");
  await writeFile(interpreter, "binary");
  await symlink(interpreter, join(project, "python3"));
  expect(await scriptDigests(policyOf(join(project, "python3"), interpreter, "--flag", project))).toEqual({});
});

test("a policy without custom metrics has no such input and keeps its digest", async () => {
  const policy = parsePolicy({ accuracy: { min: 0.9 } }, "gate");
  const { inputs: now } = await provider.check({}, inputs(policy));
  expect(now).not.toHaveProperty("scripts");
  expect(await scriptDigests(policy)).toBeUndefined();
  // As an earlier release computed it.
  expect(policySha256(policy, { scripts: await scriptDigests(policy) })).toBe(sha256('{"accuracy":{"min":0.9}}'));
  const { runtime } = now as unknown as { readonly runtime: string };
  expect(await changes({ ...(inputs(policy) as object), runtime }, policy)).toBe(false);
});
