/**
 * kill -9 at every provider call of an update: the state stays readable, nothing that was created is lost, and the next `up`
 * converges.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINE, Workspace } from "../helpers/scenario.ts";

const RESOURCES = 10;
/** Ten resources: some are created, some updated, some replaced, some deleted. */
const program = `import { Thing } from "./thing.ts";
const variant = Number(process.env.VARIANT ?? 0);
const first = variant === 0 ? 0 : 3;
for (let i = first; i < first + ${RESOURCES}; i++)
  new Thing("t" + i, { label: "t" + i, size: variant, kind: i % 4 === 0 ? "kind" + variant : "kind" });
`;
/** The fake cloud, which kills the engine before or after a given call. */
const killer = `
let calls = 0;
const { provider: real } = await import("./cloud-real.ts");
const wrap = (name: "create" | "update" | "delete") => async (...args: never[]) => {
  const call = ++calls;
  const at = Number(process.env.KILL_AT ?? 0);
  const kill = () => process.kill(Number(require_engine()), "SIGKILL");
  if (call === at && process.env.KILL_WHEN === "before") kill();
  const result = await (real[name] as (...args: never[]) => Promise<unknown>)(...args);
  if (call === at && process.env.KILL_WHEN === "after") kill();
  return result;
};
const require_engine = () => process.ppid;
export const provider = { ...real, create: wrap("create"), update: wrap("update"), delete: wrap("delete") };
`;

interface Exported {
  deployment: {
    resources?: { id?: string; urn: string; delete?: boolean; pendingReplacement?: boolean }[];
    pending_operations?: { resource: { urn: string; inputs?: { label?: string; kind?: string } }; type: string }[];
  };
}

function upUntilKilled(workspace: Workspace, env: NodeJS.ProcessEnv): Promise<number | null> {
  const args = [ENGINE, "up", "--yes", "--skip-preview", "--stack", "test", "--parallel", "4"];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: workspace.project,
    env: workspace.env(env),
    stdio: "ignore",
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code)));
}

const readDeployment = (workspace: Workspace): Exported["deployment"] =>
  JSON.parse(readFileSync(workspace.checkpoint, "utf8")).checkpoint.latest;

/** The provider exits shortly after the engine and may still be writing. */
async function readCloud(workspace: Workspace): Promise<object> {
  for (let attempt = 0; ; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    try {
      return JSON.parse(readFileSync(join(workspace.cloud, "cloud.json"), "utf8"));
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
}

describe("an engine that is killed in mid-update", () => {
  let workspace: Workspace;
  beforeAll(() => {
    workspace = Workspace.program(program);
    workspace.write("cloud-real.ts", workspace.read("cloud.ts"));
    workspace.write("cloud.ts", killer);
  });
  afterAll(() => workspace.remove());

  it("loses nothing at any provider call, and the next up converges", { timeout: 900_000 }, async () => {
    await workspace.ok("stack", "init", "test");
    let variant = 0;
    // Each variant's updates make the same calls. The first call that there is none of ends it.
    let over = 0;
    let call = 0;
    while (over < 2) {
      if (variant === 0) call++;
      const when = (call + variant) % 2 === 0 ? "after" : "before";
      const env = { VARIANT: String(variant) };
      const code = await upUntilKilled(workspace, { ...env, KILL_AT: String(call), KILL_WHEN: when });
      over = code === null ? 0 : over + 1;
      const deployment = readDeployment(workspace);
      const cloud = await readCloud(workspace);
      const known = new Set((deployment.resources ?? []).map(({ id }) => id));
      const pending = new Set(
        (deployment.pending_operations ?? []).map(
          ({ resource: { inputs } }) => `${inputs?.kind ?? "thing"}-${inputs?.label}`,
        ),
      );
      for (const id of Object.keys(cloud))
        expect(known.has(id) || pending.has(id), `${id} is unknown after kill ${call} (${when})`).toBe(true);
      // What `cancel` does; that it does is proved elsewhere.
      rmSync(join(workspace.state, ".pulumi/locks"), { recursive: true });
      const up = await workspace.engine(["up", "--yes", "--skip-preview", "--stack", "test"], env);
      expect(up.exit, up.stdout).toBe(0);
      // Converged: the state holds what the cloud holds, and nothing is left to delete. Creates that were cut off stay named until a refresh.
      const after = readDeployment(workspace);
      const things = (after.resources ?? []).filter(({ urn }) => urn.includes("Thing"));
      const held = Object.keys(await readCloud(workspace)).sort();
      expect(things.map(({ id }) => id).sort(), `not converged after kill ${call} (${when})`).toEqual(held);
      expect(things.filter((thing) => thing.delete || thing.pendingReplacement)).toEqual([]);
      expect(held).toHaveLength(RESOURCES);
      variant = 1 - variant;
    }
    // Ten resources, some of them replaced or deleted.
    expect(call).toBeGreaterThan(10);
  });
});
