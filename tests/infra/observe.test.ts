import { expect, test } from "vitest";
import { observe } from "../../infra/deployment-check/observe.ts";
import { judgeDeployment } from "../../infra/deployment-check/proofs.ts";
import { freePort } from "../helpers/free-port.ts";
import { type Handler, json, serve } from "../helpers/http-server.ts";

const SHA = "a".repeat(64);
const SAMPLES = [
  { features: [1, 2], answer: { label: 1, positive: 0.75 } },
  { features: [-1, 0.5], answer: { label: 0, positive: 0.25 } },
];
const EXPECTED = { version: "3", sha256: SHA, stage: "Staging", samples: SAMPLES, maxLatencyMs: 5_000 };

/** A service that returns the gate's predictions for SAMPLES. */
const good: Handler = ({ path, body }, response) => {
  if (path === "/ready") return json(response, { status: "ready" });
  if (path === "/health")
    return json(response, { status: "ok", stage: "Staging", model: "churn-model", version: "3", sha256: SHA });
  const { features } = JSON.parse(body) as { features: number[][] };
  if (features.some((row) => row.length !== 2)) return json(response, {}, 422, "application/problem+json");
  const answers = features.map(([first = 0]) => (first > 0 ? 0.75 : 0.25));
  return json(response, {
    predictions: answers.map((positive) => Number(positive > 0.5)),
    probabilities: answers.map((positive) => [1 - positive, positive]),
  });
};

async function failures(handle: Handler) {
  await using server = await serve(handle);
  const proofs = judgeDeployment(await observe(server.url, SAMPLES, { readySeconds: 0.3 }), EXPECTED);
  for (const { detail } of proofs) expect(detail).not.toContain("\n");
  const failed = proofs.filter(({ passed }) => !passed);
  return failed.map(({ proof, detail }) => `${proof}: ${detail.replace(server.url, "URL")}`);
}

test("observes a good service, timing 60 requests after 10 for warm-up", async () => {
  await using server = await serve(good);
  const seen = await observe(server.url, SAMPLES);
  expect(seen).toMatchObject({ ready: true, health: { version: "3" }, malformed: { status: 422 } });
  expect(seen.answers).toEqual(SAMPLES.map(({ answer }) => answer));
  expect(seen.latenciesMs).toHaveLength(60);
  expect(judgeDeployment(seen, EXPECTED).filter(({ passed }) => !passed)).toEqual([]);
  const predicts = server.requests.filter(({ path }) => path === "/predict");
  expect(new Set(predicts.map(({ headers }) => headers["x-inference-probe"]))).toEqual(new Set(["deployment-check"]));
});

test("detects another version", async () => {
  const other: Handler = (request, response) =>
    request.path === "/health"
      ? json(response, { status: "ok", stage: "Staging", model: "m", version: "2", sha256: SHA })
      : good(request, response);
  expect(await failures(other)).toEqual([
    `loads: serves version 2 (sha256 ${SHA}), but version 3 (sha256 ${SHA}) was approved`,
  ]);
});

test("detects a model whose predictions depend on neighboring rows", async () => {
  const mixing: Handler = (request, response) =>
    request.path === "/predict" && JSON.parse(request.body).features.length === 1
      ? good({ ...request, body: '{"features":[[-9,0]]}' }, response)
      : good(request, response);
  const [failure] = await failures(mixing);
  expect(failure).toMatch(/^serves: asked for one row at a time, \/predict answers 1 of 2 rows differently/);
});

test("waits for a service that is not ready at once", async () => {
  let asked = 0;
  const slow: Handler = (request, response) =>
    request.path === "/ready" && ++asked < 3 ? json(response, {}, 503) : good(request, response);
  expect(await failures(slow)).toEqual([]);
});

test("reports how long it waited for a service that never becomes ready, and its last response", async () => {
  const stopping: Handler = (_, response) => json(response, {}, 503);
  const all = await failures(stopping);
  expect(all).toHaveLength(6);
  expect(new Set(all.map((failure) => failure.replace(/^\w+: /, "")))).toEqual(
    new Set(["URL/ready did not answer 200 within 0.3 s (last: 503)"]),
  );
});

test("reports why there is no response", async () => {
  const { ready, answers } = await observe(`http://127.0.0.1:${await freePort()}`, SAMPLES, { readySeconds: 0.1 });
  expect(ready).toMatch(/\/ready did not answer 200 within 0\.1 s \(last: fetch failed: connect ECONNREFUSED .*\)$/);
  expect(answers).toBe(ready);
});

test("shows a proxy's error page in one line", async () => {
  const page: Handler = ({ path }, response) =>
    path === "/ready" ? json(response, {}) : response.writeHead(502).end("<html>\n  Bad Gateway\n</html>");
  const answered = "answered 502: <html> Bad Gateway </html>";
  expect(await failures(page)).toEqual([
    `loads: /health ${answered}`,
    `serves: /predict ${answered}`,
    "schema: a row of the wrong length was answered with 502 ",
    `environment: /health ${answered}`,
    `latency: /predict ${answered}`,
  ]);
});

test("shows responses that violate the contract in one line", async () => {
  const other: Handler = (request, response) =>
    request.path === "/ready" ? json(response, {}) : json(response, { status: "UP" });
  expect((await failures(other)).slice(0, 2)).toEqual([
    'loads: /health answered 200, but the body does not match its contract: {"status":"UP"}',
    'serves: /predict answered 200, but the body does not match its contract: {"status":"UP"}',
  ]);
});

test("reports a truncated response", async () => {
  const cut: Handler = (request, response) => {
    if (request.path !== "/health") return good(request, response);
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => response.destroy());
  };
  expect((await failures(cut))[0]).toMatch(/^loads: terminated/);
});

test("measures nothing if the gate recorded no samples", async () => {
  await using server = await serve(good);
  const seen = await observe(server.url, []);
  expect(seen.latenciesMs).toBe("no rows to measure with");
});

test("the error for a name that only a cluster resolves says how to reach it", async () => {
  // In a namespace that does not exist in any cluster.
  const { ready } = await observe("http://churn.no-such-namespace.svc:8000", SAMPLES, { readySeconds: 0.3 });
  expect(ready).toMatch(/ENOTFOUND|EAI_AGAIN/);
  expect(ready).toMatch(/resolves only inside the cluster.*pulumi config set --path kubernetes.access port-forward$/);
});
