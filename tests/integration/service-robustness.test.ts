import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { loadUntilRefused } from "../service/helpers/load.ts";
import { isWellFormed, malformedBodies, wrongAnswers } from "../service/helpers/malformed.ts";
import { nodeRequest } from "../service/helpers/node-request.ts";
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

/** Numbers of the processes that have this text in their environment. */
async function runningWith(text: string): Promise<string[]> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const isOne = async (pid: string) => (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).includes(text);
  const found = await Promise.all(processes.map(async (pid) => ((await isOne(pid)) ? [pid] : [])));
  return found.flat();
}

test("malformed requests: every one that is not well formed is refused by 4xx, nothing breaks, memory does not grow", {
  timeout: 240_000,
}, async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder, MODEL_NAME: "m" });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const bodies = malformedBodies(1);
  const answers: [path: string, body: string, status: number][] = [];
  const send = async (count: number) => {
    let left = count;
    const client = async () => {
      while (left-- > 0) {
        const path = PATHS[left % PATHS.length] as string;
        const body = bodies.next().value ?? "";
        answers.push([path, body, await post(agent, service.url + path, body)]);
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
  };
  await send(REQUESTS / 3);
  const before = await residentMiB(service);
  await send((REQUESTS * 2) / 3);
  const after = await residentMiB(service);
  expect(wrongAnswers(answers)).toEqual([]);
  const count = (wanted: number) => answers.filter(([, , status]) => status === wanted).length;
  expect(count(400)).toBeGreaterThan(REQUESTS / 10);
  expect(count(422)).toBeGreaterThan(REQUESTS / 10);
  // A few are whole; were they many, the rest would prove little.
  expect(answers.filter(([, body]) => isWellFormed(body)).length).toBeLessThan(REQUESTS / 20);
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
  /** What each kind of caller got to hear. */
  const heard = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  const open = Array.from({ length: 40 }, (_, index) => {
    const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
    socket.on("data", (data) => heard[index % 4]?.add(data.toString("latin1").split(" ")[1] ?? ""));
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
  expect(heard.map((statuses) => [...statuses])).toEqual([["431"], [], [], ["400"]]);
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
  const makers = new Set<string | undefined>();
  let sent = 0;
  // The one that starts second takes its part once it is ready.
  for (; makers.size < 2 || sent < 20; sent++) {
    expect(sent, "requests until both have answered").toBeLessThan(500);
    const headers = { "content-type": "application/json" };
    const response = await nodeRequest(`${service.url}/predict`, { headers, body: GOOD });
    expect(response.status).toBe(200);
    // A process's ids begin alike.
    makers.add(response.headers.get("x-request-id")?.split("-")[0]);
    if (makers.size < 2) await sleep(10);
  }
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain(`inference_requests_total{route="/predict",status="200"} ${sent}\n`);
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
  // Beside what its workers log of their stop.
  const said = ({ stderr }: typeof taken) =>
    stderr.split("\n").filter((line) => line.startsWith("service did not start"));
  expect(taken.code).toBe(1);
  expect(said(taken)).toEqual([expect.stringContaining(`port ${port} on 127.0.0.1 is in use`)]);
  const missing = await failedStart({ MODEL_URI: "no-such-folder", WORKERS: "2" });
  expect(missing.code).toBe(1);
  expect(said(missing)).toEqual([expect.stringContaining("which is not a folder")]);
});

test("WORKERS processes that get SIGTERM while they start exit", async () => {
  await using model = await testModel();
  const marker = `stopped-early-${process.pid}`;
  const env = { PATH: process.env.PATH ?? "", MODEL_URI: model.folder, MODEL_NAME: marker, WORKERS: "3", PORT: "0" };
  for (const milliseconds of [250, 400, 600]) {
    const child = spawn(process.execPath, ["service/main.ts"], { env, stdio: "ignore" });
    const ended = once(child, "exit", { signal: AbortSignal.timeout(15_000) });
    await sleep(milliseconds);
    child.kill("SIGTERM");
    const [code, signal] = await ended;
    // By the signal itself where it came before the service could listen to it.
    expect(signal === null ? code : signal, `stopped after ${milliseconds} ms`).toBe(signal === null ? 0 : "SIGTERM");
    for (let tries = 0; tries < 100 && (await runningWith(marker)).length > 0; tries++) await sleep(50);
    expect(await runningWith(marker), `stopped after ${milliseconds} ms`).toEqual([]);
  }
});
