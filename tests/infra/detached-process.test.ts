import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { isListening, startDetached, stopDetached } from "../../infra/targets/local/detached-process.ts";
import { isAlive, readIdentity } from "../../infra/targets/local/process-identity.ts";
import { freePort } from "../helpers/free-port.ts";
import { serve } from "../helpers/http-server.ts";
import { ask, runs, serverCommand, specOf } from "./test-process.ts";

const Environment = z.record(z.string(), z.string());

test("starts a process, and records its identity in a file", async () => {
  const spec = await specOf();
  const identity = await startDetached(spec);
  expect(await ask(`${spec.url}/pid`)).toBe(identity.pid);
  expect(await readIdentity(spec.identityFile)).toEqual(identity);
  expect(await isAlive(identity)).toBe(true);
});

test("waits until the process is ready", async () => {
  const port = await freePort();
  const spec = await specOf({ port, command: serverCommand(port, { delay: 300 }) });
  await startDetached(spec);
  expect((await fetch(`${spec.url}/health`)).status).toBe(200);
});

test("stops the process and its children, and does nothing the second time", async () => {
  const spec = await specOf();
  const identity = await startDetached(spec);
  const child = z.number().parse(await ask(`${spec.url}/child`));
  expect(runs(child)).toBe(true);
  await stopDetached(spec.identityFile);
  expect(await isAlive(identity)).toBe(false);
  await vi.waitFor(() => expect(runs(child)).toBe(false));
  expect(await isListening(spec.port)).toBe(false);
  expect(existsSync(spec.identityFile)).toBe(false);
  await stopDetached(spec.identityFile);
});

test("stops the recorded process before it starts the next one", async () => {
  const spec = await specOf();
  const first = await startDetached(spec);
  const second = await startDetached(spec);
  expect(second.pid).not.toBe(first.pid);
  expect(await isAlive(first)).toBe(false);
});

test("does not stop another process that reuses the recorded PID", async () => {
  const spec = await specOf();
  const stranger = await startDetached(spec);
  const recycled = { pid: stranger.pid, startTime: `${Number(stranger.startTime) - 1}` };
  expect(await isAlive(recycled)).toBe(false);
  const file = `${spec.identityFile}.recycled`;
  await writeFile(file, `${recycled.pid} ${recycled.startTime}\n`);
  await stopDetached(file);
  expect(await isAlive(stranger)).toBe(true);
  expect(existsSync(file)).toBe(false);
});

test("passes the process its variables and the usual ones, but no secret of the engine", async () => {
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "s3cret");
  vi.stubEnv("PULUMI_ACCESS_TOKEN", "s3cret");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const spec = await specOf({ environment: { PORT: "8000", LANG: "xx" } });
  await startDetached(spec);
  const environment = Environment.parse(await ask(`${spec.url}/environment`));
  expect(environment).toMatchObject({ PORT: "8000", LANG: "xx", PATH: process.env.PATH });
  expect(Object.values(environment)).not.toContain("s3cret");
  expect(Object.keys(environment).filter((name) => /PULUMI|AWS/.test(name))).toEqual([]);
});

test("rejects a port that another program uses, and starts nothing", async () => {
  await using other = await serve((_, response) => response.end());
  const spec = await specOf({ port: other.port });
  await expect(startDetached(spec)).rejects.toThrow(
    `port ${other.port} is in use by another program. Stop it, or set another mlflow.port or service.port`,
  );
  expect(existsSync(spec.identityFile)).toBe(false);
});

test("reports a process that exits at once with its last lines, and stops waiting", async () => {
  const spec = await specOf({ command: ["sh", "-c", "echo no module named mlflow >&2; exit 3"], startSeconds: 60 });
  const started = performance.now();
  const error = await startDetached(spec).catch((error) => error);
  expect(error.message).toMatch(/^sh -c .* … did not become ready on port \d+: it exited with code 3\nLast lines of /);
  expect(error.message).toMatch(/test\.log:\nno module named mlflow\n$/);
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(existsSync(spec.identityFile)).toBe(false);

  await using later = await serve((_, response) => response.end(), spec.port);
  await sleep(200);
  expect(later.requests).toEqual([]);
});

test("names a missing program", async () => {
  const spec = await specOf({ command: ["no-such-program", "x"] });
  await expect(startDetached(spec)).rejects.toThrow(/it exited with code 127\n.*no-such-program/s);
});

test("stops a process that is not ready in time, and says how long it waited", async () => {
  const port = await freePort();
  const spec = await specOf({ port, command: serverCommand(port, { delay: 60_000 }), startSeconds: 0.5 });
  await expect(startDetached(spec)).rejects.toThrow(`${spec.url}/health did not answer within 0.5 s`);
  expect(await isListening(port)).toBe(false);
  expect(existsSync(spec.identityFile)).toBe(false);
});

test("appends to the log of earlier processes", async () => {
  const spec = await specOf();
  await writeFile(spec.logFile, "earlier\n");
  await startDetached(spec);
  expect(await readFile(spec.logFile, "utf8")).toContain("earlier");
});

test("does nothing if the file is missing or names no process", async () => {
  const { identityFile } = await specOf();
  await stopDetached(identityFile);
  await writeFile(identityFile, "not an identity");
  expect(await readIdentity(identityFile)).toBeUndefined();
  await stopDetached(identityFile);
  expect(existsSync(identityFile)).toBe(false);
});
