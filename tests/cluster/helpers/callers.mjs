// Callers in a pod: sends requests at a fixed rate to each URL of URLS, half of them over persistent connections, until /tmp/stop exists.
// Prints a line of JSON per second, and a last one when all requests have been answered: {"sent", "failed", "reasons"}.
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const urls = (process.env.URLS ?? "").split(" ").filter(Boolean);
const perSecond = Number(process.env.PER_SECOND);
const FEATURES = 10;
const kept = new Agent({ keepAlive: true, maxSockets: 64 });
const fresh = new Agent({ keepAlive: false });
const counts = { sent: 0, failed: 0, reasons: {} };
const pending = new Set();

/** Standard normal, by Box and Muller. */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

const post = (url, agent) =>
  new Promise((done) => {
    const body = JSON.stringify({ features: [Array.from({ length: FEATURES }, normal)] });
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(`${url}/predict`, { agent, method: "POST", headers, timeout: 20_000 }, (response) => {
      response.resume();
      response.once("end", () => done(response.statusCode === 200 ? undefined : `HTTP ${response.statusCode}`));
      response.once("error", (error) => done(`in the answer: ${error.code}`));
    });
    sent.once("timeout", () => sent.destroy(new Error("no answer within 20 s")));
    sent.once("error", (error) => done(error.code ?? error.message));
    sent.end(body);
  });

function send() {
  const number = counts.sent++;
  const url = urls[number % urls.length];
  const one = post(url, Math.floor(number / urls.length) % 2 ? kept : fresh).then((problem) => {
    pending.delete(one);
    if (problem === undefined) return;
    counts.failed++;
    const reason = `${url}: ${problem}`;
    counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
  });
  pending.add(one);
}

const tell = (last) => console.log(JSON.stringify({ ...counts, last }));
const begin = performance.now();
for (let reported = 0; !existsSync("/tmp/stop"); await sleep(2)) {
  const seconds = (performance.now() - begin) / 1000;
  while (counts.sent < seconds * perSecond) send();
  if (seconds < reported + 1) continue;
  reported = seconds;
  tell(false);
}
await Promise.all(pending);
tell(true);
kept.destroy();
