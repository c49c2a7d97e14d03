import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { describeServed, parseHealth } from "../../infra/fresh-request.ts";
import { provider as release } from "../../infra/targets/local/local-release-provider.ts";
import { type LocalServiceInputs, provider as service } from "../../infra/targets/local/local-service-provider.ts";
import { freePort } from "../helpers/free-port.ts";
import { serve } from "../helpers/http-server.ts";
import { processFolder, runs } from "./test-process.ts";

vi.setConfig({ testTimeout: 60_000 });
// There is no registry, so no call may wait for one.
vi.stubEnv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0");

/** A service that listens on PORT at once, and on SHARED_PORT after SIGUSR2, where its version may differ. */
const SERVER = `
  const { createServer } = require("node:http");
  const { PORT, SHARED_PORT, VERSION, TOLD = VERSION, DIES } = process.env;
  const answer = (version) => (request, response) => {
    response.setHeader("connection", "close");
    response.end(JSON.stringify({ status: "ok", stage: "Production", model: "m", version, sha256: version.repeat(64) }));
  };
  createServer(answer(VERSION)).listen(Number(PORT), "127.0.0.1");
  process.on("SIGUSR2", () => {
    if (DIES) process.exit(1);
    const port = Number(SHARED_PORT);
    createServer(answer(TOLD))
      .on("error", ({ message }) => console.log(JSON.stringify({ level: "error", pid: process.pid, port, error: message })))
      .listen({ port, host: "127.0.0.1", reusePort: true }, () =>
        console.log(JSON.stringify({ listening: "http://127.0.0.1:" + port, pid: process.pid })));
  });
  process.on("SIGTERM", () => process.exit(0));`;

type Place = Pick<LocalServiceInputs, "folder" | "port">;

async function place(): Promise<Place> {
  const folder = relative(process.cwd(), await processFolder());
  onTestFinished(async () => {
    await service.delete("", { ...inputsOf({ folder, port: 0 }, "0"), url: "", instance: "", logFile: "" });
  });
  return { folder, port: await freePort() };
}

const inputsOf = (where: Place, version: string, more: Record<string, string> = {}): LocalServiceInputs => ({
  ...where,
  processName: "production",
  command: ["node", "-e", SERVER],
  healthPath: "/health",
  startSeconds: 20,
  environment: { VERSION: version, ...more },
});

const releaseOf = ({ folder, port }: Place, instance: string, version: string, autoRollback = true) => ({
  processName: "production",
  folder,
  instance,
  version,
  sha256: version.repeat(64),
  port,
  autoRollback,
  url: `http://127.0.0.1:${port}`,
  // Nothing responds there; failures must still be reported.
  registry: { trackingUri: "http://127.0.0.1:1" },
  environment: "production" as const,
  modelName: "m",
});

const served = async ({ port }: Place) => describeServed(`http://127.0.0.1:${port}`);
const pidOf = (instance: string) => Number(instance.split("@")[0]);

test("callers stay with the old process until they move to the new one; then the old one exits", async () => {
  const where = await place();
  const { outs: old } = await service.create(inputsOf(where, "1"));
  expect(await served(where)).toContain("nothing serves callers at");
  await release.create(releaseOf(where, old.instance, "1"));
  expect(await served(where)).toContain("version 1 serves callers at");

  const { outs: next } = await service.update("", old, inputsOf(where, "2"));
  expect(parseHealth(await (await fetch(`${next.url}/health`)).text())).toMatchObject({ version: "2" });
  for (let look = 0; look < 10; look++) expect(await served(where)).toContain("version 1");
  const released = releaseOf(where, next.instance, "2");
  await release.update("", releaseOf(where, old.instance, "1"), released);
  for (let look = 0; look < 10; look++) expect(await served(where)).toContain("version 2");
  expect([runs(pidOf(old.instance)), runs(pidOf(next.instance))]).toEqual([false, true]);
  expect(await release.read("id", released)).toEqual({ id: "id", props: released });

  await service.delete("", next);
  expect(runs(pidOf(next.instance))).toBe(false);
  expect((await readdir(where.folder)).filter((file) => file.endsWith(".pid"))).toEqual([]);
  expect(await release.read("id", released)).toEqual({ id: "", props: {} });
});

test("a process that does not start, or fails its check, does not affect callers; the next one takes its slot", async () => {
  const where = await place();
  const { outs: old } = await service.create(inputsOf(where, "1"));
  await release.create(releaseOf(where, old.instance, "1"));
  const broken = { ...inputsOf(where, "2"), command: ["sh", "-c", "echo broken model >&2; exit 1"] };
  await expect(service.update("", old, broken)).rejects.toThrow(/did not become ready on port \d+.*broken model/s);
  expect(await served(where)).toContain("version 1");
  const { outs: failed } = await service.update("", old, inputsOf(where, "3"));
  const { outs: again } = await service.update("", failed, inputsOf(where, "1"));
  expect(runs(pidOf(failed.instance))).toBe(false);
  expect(await served(where)).toContain("version 1");
  await release.update("", releaseOf(where, old.instance, "1"), releaseOf(where, again.instance, "1"));
  expect([runs(pidOf(old.instance)), runs(pidOf(again.instance))]).toEqual([false, true]);
});

test("callers that do not reach the verified version move back to the previous one", async () => {
  const where = await place();
  const { outs: old } = await service.create(inputsOf(where, "1"));
  await release.create(releaseOf(where, old.instance, "1"));
  const { outs: next } = await service.update("", old, inputsOf(where, "2", { TOLD: "3" }));
  const error = await release
    .update("", releaseOf(where, old.instance, "1"), releaseOf(where, next.instance, "2"))
    .catch((error) => error);
  expect(error.message).toMatch(
    /did not get version 2 as it was verified: none of 20 connections was answered by version 2/,
  );
  expect(error.message).toMatch(/callers are back on the previous version: version 1 serves callers at/);
  expect(error.message).toContain("the failure could not be recorded in the history");
  for (let look = 0; look < 10; look++) expect(await served(where)).toContain("version 1");
  expect([runs(pidOf(old.instance)), runs(pidOf(next.instance))]).toEqual([true, false]);
  // The next update starts another process, although no input has changed.
  expect(await service.diff("", next, inputsOf(where, "2", { TOLD: "3" }))).toMatchObject({ changes: true });
});

test("without autoRollback, callers stay on the failed version", async () => {
  const where = await place();
  const { outs: old } = await service.create(inputsOf(where, "1"));
  await release.create(releaseOf(where, old.instance, "1"));
  const { outs: next } = await service.update("", old, inputsOf(where, "2", { TOLD: "3" }));
  await expect(
    release.update("", releaseOf(where, old.instance, "1"), releaseOf(where, next.instance, "2", false)),
  ).rejects.toThrow(
    "Callers stay on it: promotion.autoRollback is false. To roll back: npm run rollback -- --stack <name>",
  );
  expect(await served(where)).toContain("version 3");
  expect([runs(pidOf(old.instance)), runs(pidOf(next.instance))]).toEqual([false, true]);
});

test("reports a process that dies, or has died, and callers keep their version", async () => {
  const where = await place();
  const { outs: old } = await service.create(inputsOf(where, "1"));
  await release.create(releaseOf(where, old.instance, "1"));
  const { outs: next } = await service.update("", old, inputsOf(where, "2", { DIES: "1" }));
  const move = () => release.update("", releaseOf(where, old.instance, "1"), releaseOf(where, next.instance, "2"));
  await expect(move()).rejects.toThrow(/the process exited.*version 1 serves callers at/s);
  await expect(move()).rejects.toThrow(/exited before callers .* could be moved to it.*Run pulumi up again/s);
  expect(await served(where)).toContain("version 1");
});

test("names a port that another program uses before anything starts", async () => {
  const where = await place();
  await using _other = await serve((_, response) => response.end(), where.port);
  await expect(service.create(inputsOf(where, "1"))).rejects.toThrow(`port ${where.port} is in use by another program`);
  expect(await readdir(where.folder)).toEqual([]);
});

test("passes the process both ports, and only the usual variables of the engine's environment", async () => {
  const where = await place();
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "secret");
  vi.stubEnv("ANYTHING_ELSE", "secret");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const command = ["node", "-e", `console.log(JSON.stringify(process.env)); ${SERVER}`];
  const { outs } = await service.create({ ...inputsOf(where, "1"), command });
  const log = await readFile(join(where.folder, "production.log"), "utf8");
  const environment = JSON.parse(log.split("\n")[0] ?? "");
  expect(environment).toMatchObject({ VERSION: "1", SHARED_PORT: String(where.port), PORT: new URL(outs.url).port });
  expect(Object.values(environment)).not.toContain("secret");
});

test("a forced replacement keeps serving: its successor takes over the callers, and the delete comes last", async () => {
  const where = await place();
  const inputs = { ...inputsOf(where, "1"), stack: "project/production" };
  const old = await service.create(inputs);
  await release.create(releaseOf(where, old.outs.instance, "1"));
  const next = await service.create(inputs);
  await release.update("", releaseOf(where, old.outs.instance, "1"), releaseOf(where, next.outs.instance, "1"));
  await service.delete(old.id, old.outs);
  expect(await served(where)).toContain("version 1 serves callers at");
  expect(runs(pidOf(next.outs.instance))).toBe(true);
  await service.delete(next.id, next.outs);
  expect(runs(pidOf(next.outs.instance))).toBe(false);
  expect(await readdir(where.folder)).toEqual(["production.log"]);
});

test("a failed replacement does not affect callers, and the pending delete does not stop their process", async () => {
  const where = await place();
  const inputs = { ...inputsOf(where, "1"), stack: "project/production" };
  const old = await service.create(inputs);
  await release.create(releaseOf(where, old.outs.instance, "1"));
  // It started, but its check failed: the update ends before callers move.
  const next = await service.create(inputs);
  await service.delete(old.id, old.outs);
  expect(await served(where)).toContain("version 1 serves callers at");
  expect(runs(pidOf(old.outs.instance))).toBe(true);
  await release.update("", releaseOf(where, old.outs.instance, "1"), releaseOf(where, next.outs.instance, "1"));
  expect([runs(pidOf(old.outs.instance)), runs(pidOf(next.outs.instance))]).toEqual([false, true]);
  await service.delete(next.id, next.outs);
});

test("rejects a second stack's use of a service, with the first stack's name", async () => {
  const where = await place();
  const mine = await service.create({ ...inputsOf(where, "1"), stack: "project/production" });
  await release.create(releaseOf(where, mine.outs.instance, "1"));
  const theirs = { ...inputsOf(where, "2"), port: await freePort(), stack: "project/cancer-production" };
  await expect(service.create(theirs)).rejects.toThrow(
    /^the service production in \S+ belongs to stack project\/production, but this is stack project\/cancer-production/,
  );
  const elsewhere = { ...theirs, processName: "project.cancer-production.m", port: where.port };
  await expect(service.create(elsewhere)).rejects.toThrow(
    `port ${where.port} is in use by stack project/production (production). Stop it, or set another service.port`,
  );
  expect(await served(where)).toContain("version 1 serves callers at");
  await service.delete(mine.id, mine.outs);
});
