// Measures the inference service against the limit of Node's HTTP and against the alternatives, in one run on one machine.
// `npm run bench:service` writes docs/benchmarks.md; `-- --quick` measures only this service and the two echoes; `-- --soak 30` loads this service for 30
// minutes and shows how its memory develops. Ends with one line of JSON.
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { HONO_ECHO, nodeContenders, PEERS, SERVICE } from "./service/contenders.ts";
import { figuresOf } from "./service/figures.ts";
import { measureMixed } from "./service/mixed.ts";
import { benchModel } from "./service/model.ts";
import { preparePeer } from "./service/peers.ts";
import { type Contender, type RunningContender, start } from "./service/processes.ts";
import { type RawRuns, rawRuns } from "./service/raw.ts";
import { measured, pythonVersions, tables, writeReport } from "./service/report.ts";
import { type Case, measure } from "./service/rounds.ts";
import { soak } from "./service/soak.ts";
import { findWrk } from "./service/wrk.ts";

const { quick, ...options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    soak: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
  },
}).values;
const rounds = {
  // Ratios vary by up to a tenth between rounds, so medians over several rounds are compared.
  count: Number(options.rounds ?? (quick ? 3 : 5)),
  seconds: Number(options.seconds ?? (quick ? 1 : 2)),
};
const log = (line: string) => console.log(line);

await findWrk();
await using model = await benchModel();
const warmUp = (contender: Contender) => contender.body?.(model.rows(1)) ?? JSON.stringify({ features: model.rows(1) });
const contenders: Contender[] = nodeContenders(model.folder);
if (options.soak !== undefined) {
  const [service] = contenders as [Contender];
  const server = await start(service, warmUp(service));
  try {
    console.log(JSON.stringify(await soak(server, warmUp(service), Number(options.soak), log)));
  } finally {
    await server.stop();
  }
  await model[Symbol.asyncDispose]();
  process.exit();
}
const versions = [`Node ${process.version}`];
const missing: string[] = [];
if (!quick)
  for (const peer of PEERS)
    try {
      const { python, ...contender } = await preparePeer(peer, model.folder, log);
      contenders.push(contender);
      versions.push(...pythonVersions(python, peer.requirements));
    } catch (error) {
      missing.push(`${peer.name} (${error instanceof Error ? error.message.split("\n")[0] : error})`);
    }

// Starts are measured one at a time; the last processes stay for the rounds.
const startsMs: number[] = [];
const running: RunningContender[] = [];
const stopAll = async () => {
  for (const server of running.splice(0)) await server.stop();
};
try {
  for (const contender of contenders) {
    const starts = contender.name === SERVICE ? 5 : 1;
    for (let time = 1; time <= starts; time++)
      try {
        const server = await start(contender, warmUp(contender));
        log(`${server.name}: first answer after ${Math.round(server.startMs)} ms`);
        if (contender.name === SERVICE) startsMs.push(server.startMs);
        if (time === starts) running.push(server);
        else await server.stop();
      } catch (error) {
        if (contender.name === SERVICE) throw error;
        missing.push(error instanceof Error ? error.message.slice(0, 300).replaceAll("\n", " ") : String(error));
      }
  }
  // A quick run measures only the cases behind a figure.
  const isWanted = (name: string, one: Case) => !quick || name !== HONO_ECHO || (one.rows === 1 && one.connections > 1);
  const results = await measure(running, model.rows, { ...rounds, isWanted, log });
  const servers = await Promise.all(running.map(measured));
  const raw: RawRuns[] = [];
  for (const rows of [1, 64])
    raw.push(await rawRuns(join(model.folder, "model.onnx"), model.rows(rows), rounds.seconds));
  const figures = await figuresOf(results, serviceOf(running), startsMs);
  await stopAll();
  const mixed = await measureMixed({ ...rounds, withPeers: !quick, log });
  missing.push(...mixed.missing);
  Object.assign(figures, mixed.figures);
  const text = `${tables(results, servers, raw)}\n${mixed.text}`;
  log(text);
  for (const line of missing) log(`not measured: ${line}`);
  const loadAverage = loadavg()[0]?.toFixed(1) ?? "unknown";
  if (!quick)
    await writeReport("docs/benchmarks.md", text, {
      figures,
      versions,
      missing,
      loadAverage,
      rounds: rounds.count,
      seconds: rounds.seconds,
    });
  console.log(JSON.stringify(figures));
} finally {
  await stopAll();
}

function serviceOf(running: readonly RunningContender[]): RunningContender {
  const service = running.find(({ name }) => name === SERVICE);
  if (!service) throw new Error("the service is not running");
  return service;
}
