import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { loadUntilRefused } from "../service/helpers/load.ts";
import { malformedBodies } from "../service/helpers/malformed.ts";
import { failedStart, type RunningService, startService } from "../service/helpers/service-process.ts";
import { testModel } from "../service/helpers/test-model.ts";

const GOOD = JSON.stringify({ features: [[1, 2, 3]] });
const PATHS = ["/predict", "/invocations", "/v2/models/m/infer"];
const REQUESTS = Number(process.env.MALFORMED_REQUESTS ?? 6_000);

async function residentMiB({ child }: RunningService): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

const post = (agent: Agent, url: string, body: string, headers: Record<string, string> = {}) =>
  new Promise<number>((done, fail) => {
    const sent = request(
      url,
      {
        agent,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers },
      },
      (response) => {
        response.resume().once("end", () => done(response.statusCode ?? 0));
      },
    );
    sent.once("error", fail).end(body);
  });

test("malformed requests: every one is refused by 4xx, nothing breaks, memory does not grow", {
  timeout: 240_000,
}, async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder, MODEL_NAME: "m" });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const bodies = malformedBodies(1);
  const statuses = new Map<number, number>();
  const send = async (count: number) => {
    let left = count;
    const client = async () => {
      while (left-- > 0) {
        const path = PATHS[left % PATHS.length];
        const status = await post(agent, service.url + path, bodies.next().value ?? "");
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
  };
  await send(REQUESTS / 3);
  const before = await residentMiB(service);
  await send((REQUESTS * 2) / 3);
  const after = await residentMiB(service);
  // A cut or a character put in can leave a good request whole: 200 is no failure here.
  for (const status of statuses.keys()) expect([200, 400, 413, 422]).toContain(status);
  expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 10);
  expect(statuses.get(422)).toBeGreaterThan(REQUESTS / 10);
  expect(after - before).toBeLessThan(12);
  const refused: Record<string, string>[] = [
    { "content-type": "application/json; charset=utf-16" },
    { "content-type": "text/plain" },
    { "content-encoding": "br" },
  ];
  for (const headers of refused) expect(await post(agent, `${service.url}/predict`, GOOD, headers)).toBe(415);
  expect(await post(agent, `${service.url}/predict`, GOOD)).toBe(200);
  agent.destroy();
});

test("header floods, slow bodies and cut connections leave others alone", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder });
  const { port } = new URL(service.url);
  const head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const open = Array.from({ length: 40 }, (_, index) => {
    const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
    if (index % 4 === 0) socket.write(`${head}${"X-Flood: a\r\n".repeat(5_000)}\r\n`);
    else if (index % 4 === 1)
      socket.write(`${head}Content-Length: 100\r\n\r\n{`); // never sends the rest
    else if (index % 4 === 2) socket.write(`${head}Content-Length: 100\r\n\r\n{`, () => socket.destroy());
    else socket.write(`\0\xff${"A".repeat(20_000)}\r\n\r\n`);
    return socket;
  });
  await sleep(300);
  const agent = new Agent();
  for (let count = 0; count < 20; count++) expect(await post(agent, `${service.url}/predict`, GOOD)).toBe(200);
  expect(service.child.exitCode).toBeNull();
  for (const socket of open) socket.destroy();
});

test("memory is level under load, and below 150 MiB", { timeout: 120_000 }, async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const load = async (seconds: number) => {
    const end = performance.now() + seconds * 1000;
    const client = async () => {
      while (performance.now() < end) expect(await post(agent, `${service.url}/predict`, GOOD)).toBe(200);
    };
    await Promise.all(Array.from({ length: 32 }, client));
    return residentMiB(service);
  };
  const warm = await load(6);
  const later = await load(Number(process.env.MEMORY_SECONDS ?? 12));
  agent.destroy();
  expect(later - warm).toBeLessThan(8);
  expect(later).toBeLessThan(150);
});

test("WORKERS processes share the port, count together, and end on SIGTERM", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder, WORKERS: "2" });
  const agent = () => new Agent({ keepAlive: true });
  for (let count = 0; count < 20; count++) expect(await post(agent(), `${service.url}/predict`, GOOD)).toBe(200);
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('inference_requests_total{route="/predict",status="200"} 20');
  service.child.kill("SIGTERM");
  expect(await service.exited).toBe(0);
});

test("WORKERS processes lose no request on SIGTERM under load", async () => {
  await using model = await testModel();
  for (let time = 0; time < 3; time++) {
    await using service = await startService({ MODEL_URI: model.folder, WORKERS: "2" });
    const load = loadUntilRefused(`${service.url}/predict`, GOOD, 24);
    await sleep(500);
    service.child.kill("SIGTERM");
    const { answered, lost } = await load;
    expect(lost).toEqual([]);
    expect(answered).toBeGreaterThan(50);
    expect(await service.exited).toBe(0);
  }
});

test("a port that is taken, a model that is none: WORKERS processes say so once and end with 1", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder });
  const { port } = new URL(service.url);
  const taken = await failedStart({ MODEL_URI: model.folder, WORKERS: "2", PORT: port });
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining(`port ${port} on 127.0.0.1 is in use`) });
  const missing = await failedStart({ MODEL_URI: "no-such-folder", WORKERS: "2" });
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("which is no folder") });
});

test("WORKERS processes that are told to stop while they start end all the same", async () => {
  await using model = await testModel();
  const env = { PATH: process.env.PATH ?? "", MODEL_URI: model.folder, WORKERS: "3", PORT: "0" };
  for (const milliseconds of [250, 400, 600]) {
    const child = spawn(process.execPath, ["service/main.ts"], { env, stdio: "ignore" });
    const ended = once(child, "exit", { signal: AbortSignal.timeout(15_000) });
    await sleep(milliseconds);
    child.kill("SIGTERM");
    await expect(ended, `told after ${milliseconds} ms`).resolves.toBeDefined();
  }
});
