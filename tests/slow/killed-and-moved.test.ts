/** The real engine: killed during an update, started twice, and with a registry that was edited manually. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { getVersionByAlias } from "../../registry/model-versions.ts";
import { type EngineArena, openEngineArena } from "../helpers/torture/engine-arena.ts";
import { recordUp, runKill } from "../helpers/torture/engine-cases.ts";
import { MODEL } from "../helpers/torture/update.ts";

let arena: EngineArena;
beforeAll(async () => {
  arena = await openEngineArena();
});
afterAll(() => arena?.close());

it("goes back after a kill between the stage's move and the alias's, of which no state tells", {
  timeout: 180_000,
}, async () => {
  const paths = (await recordUp(arena, "production")).map(({ path }) => path);
  const at =
    paths.indexOf("mlflow/registered-models/alias", paths.indexOf("mlflow/model-versions/transition-stage")) + 1;
  expect(at).toBeGreaterThan(1);
  const result = await runKill(arena, { environment: "production", at, back: true });
  expect(result).toMatchObject({ wrongPromotions: [], notConverged: [], problems: [] });
});

it("refuses a second up while the first runs, and tells a stale lock after a kill", { timeout: 180_000 }, async () => {
  const { project, proxy } = arena;
  await arena.prepare("staging");
  let arrived = () => {};
  const training = new Promise<void>((done) => {
    arrived = done;
  });
  // The first update waits in its trainer.
  proxy.arm({ fault: "slow", nth: 1, forGood: false });
  proxy.intercept(1, () => {
    arrived();
    return true;
  });
  const first = project.up("staging");
  await training;
  const second = await project.up("staging");
  expect(second.exitCode).not.toBe(0);
  expect(second.output).toContain("the stack is currently locked by 1 lock(s)");
  expect(second.output).not.toContain("stale");
  await proxy.disarm();
  const { exitCode, output } = await first;
  expect(exitCode, output).toBe(0);
  expect(await arena.audit("staging")).toEqual([]);

  await arena.prepare("staging");
  const child = project.start("up", "--yes", "--skip-preview", "--non-interactive", "--stack", "staging");
  const ended = new Promise((done) => child.once("close", done));
  child.stdout.resume();
  child.stderr.resume();
  proxy.intercept(1, () => {
    process.kill(-(child.pid ?? 0), "SIGKILL");
    return false;
  });
  await ended;
  const refused = await project.up("staging");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.output).toMatch(/that process no longer runs: the lock is stale/);
  expect(refused.output).toContain("pulumi cancel");
  await project.pulumi("cancel", "--yes", "--stack", "staging");
  const up = await project.up("staging");
  expect(up.exitCode, up.output).toBe(0);
  expect(await arena.audit("staging")).toEqual([]);
});

it("shows in a refresh what was moved by hand, and restores it by the next up", { timeout: 180_000 }, async () => {
  const { project, client } = arena;
  const name = MODEL;
  const right = (await getVersionByAlias(client, name, "production"))?.version ?? "";
  // The tests before this one have left it there: a stage shows the newest version that holds it.
  expect(right).toBe("2");
  const wrong = "3";
  const move = (version: string, stage: string) =>
    client.call("POST", "mlflow/model-versions/transition-stage", {
      body: { name, version, stage, archive_existing_versions: false },
    });
  const refresh = () =>
    project.pulumi("refresh", "--yes", "--skip-preview", "--diff", "--non-interactive", "--stack", "production");
  for (const [expected, byHand] of [
    [
      new RegExp(`version *: "${right}" => "${wrong}"`),
      () =>
        client.call("POST", "mlflow/registered-models/alias", { body: { name, alias: "production", version: wrong } }),
    ],
    [/stage *: "Production" => "version \d+ is in Archived"/, () => move(right, "Archived")],
    // What a client that reads stages would get then.
    [new RegExp(`stage *: "Production" => "version ${wrong} is in Production, too"`), () => move(wrong, "Production")],
  ] as const) {
    await byHand();
    const { exitCode, output } = await refresh();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(expected);
    const up = await project.up("production");
    expect(up.exitCode, up.output).toBe(0);
    expect(await arena.audit("production")).toEqual([]);
  }
});
