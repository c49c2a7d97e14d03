/** A provider that reports a partially completed update. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workspace } from "../helpers/scenario.ts";

const SECRET = "s3cret-of-a-thing";
const program = `import * as pulumi from "@pulumi/pulumi";
import { Thing } from "./thing.ts";
new Thing("t", { label: "t", size: Number(process.env.SIZE), token: pulumi.secret("${SECRET}") });
`;
const halfDone = `
const { provider: real } = await import("./cloud-real.ts");
const update = async (id: string, olds: never, news: { size: number }) => {
  const done = await real.update(id, olds, news as never);
  if (!process.env.HALF) return done;
  throw Object.assign(new Error("half of it"), { id, properties: done.outs, reasons: ["half of it"] });
};
export const provider = { ...real, update };
`;

let workspace: Workspace;
beforeAll(async () => {
  workspace = Workspace.program(program);
  workspace.write("cloud-real.ts", workspace.read("cloud.ts"));
  workspace.write("cloud.ts", halfDone);
  await workspace.ok("stack", "init", "test");
});
afterAll(() => workspace?.remove());

const up = (env: NodeJS.ProcessEnv) => workspace.engine(["up", "--yes", "--skip-preview", "--stack", "test"], env);
const state = () => readFileSync(workspace.checkpoint, "utf8");

it("repeats it, even if the inputs are reverted, and keeps its secrets secret", async () => {
  expect((await up({ SIZE: "1" })).exit).toBe(0);
  const half = await up({ SIZE: "2", HALF: "1" });
  expect(half.exit).not.toBe(0);
  expect(half.stdout + half.stderr).toContain("half of it");
  expect(state()).toContain("initErrors");
  expect(state()).not.toContain(SECRET);

  const before = workspace.journal().length;
  expect((await up({ SIZE: "1" })).exit).toBe(0);
  expect(workspace.journal().slice(before)).toEqual(["update thing-t t->t"]);
  expect(state()).not.toContain("initErrors");
  expect(state()).not.toContain(SECRET);
});
