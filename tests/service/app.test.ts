import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HealthAnswer, PredictAnswer, Problem, ReadyAnswer } from "../../service/contract.ts";
import { MODEL, testApp } from "./helpers/test-app.ts";

const ROWS = [
  [1, 2, 3],
  [-1, 0.5, -0.25],
];

test("predicts each row, as the predictor does", async () => {
  const { predict, predictor } = await testApp();
  const response = await predict({ features: ROWS });
  const { labels, probabilities } = await predictor.predict(Float32Array.from(ROWS.flat()), 2);
  expect(response.status).toBe(200);
  const answer = PredictAnswer.parse(await response.json());
  expect(answer.predictions).toEqual(labels);
  expect(answer.probabilities?.flat()).toEqual([...(probabilities ?? [])]);
  expect(answer.probabilities?.map((list) => list.length)).toEqual([2, 2]);
});

test("leaves probabilities out when the model gives none", async () => {
  const { predict } = await testApp({ model: { probabilitiesName: null } });
  expect(await (await predict({ features: [[1, 2, 3]] })).json()).toEqual({ predictions: [1] });
});

test("/health tells which model is served", async () => {
  const { app } = await testApp();
  const response = await app.request("/health");
  expect(response.status).toBe(200);
  expect(HealthAnswer.parse(await response.json())).toEqual({
    status: "ok",
    stage: "Staging",
    model: "churn-model",
    version: "3",
    sha256: MODEL.sha256,
  });
});

test("/ready says 503 once the service is stopping, /health does not change", async () => {
  let ready = true;
  const { app } = await testApp({ isReady: () => ready });
  expect(ReadyAnswer.parse(await (await app.request("/ready")).json())).toEqual({ status: "ready" });
  ready = false;
  const response = await app.request("/ready");
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(Problem.parse(await response.json()).detail).toBe("the service is stopping");
  expect((await app.request("/health")).status).toBe(200);
});

test("answers unknown paths and methods with problems", async () => {
  const { app } = await testApp();
  const unknown = await app.request("/nothing");
  expect(unknown.status).toBe(404);
  expect(Problem.parse(await unknown.json()).title).toBe("Not Found");
  const method = await app.request("/predict");
  expect(method.status).toBe(405);
  expect(method.headers.get("allow")).toBe("POST");
  expect(method.headers.get("content-type")).toBe("application/problem+json");
  expect((await app.request("/health", { method: "DELETE" })).status).toBe(405);
});

test("tells nothing of its inside when the model fails", async () => {
  const { app, predictor, predict } = await testApp();
  await predictor.close();
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  const response = await predict({ features: [[4.25, 2, 3]] });
  process.stderr.write = write;
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    type: "about:blank",
    title: "Internal Server Error",
    status: 500,
    detail: "the service failed; its log says why",
  });
  expect(JSON.parse(written.join(""))).toMatchObject({ level: "error", message: "request failed" });
  expect(written.join("")).not.toContain("4.25");
  expect((await app.request("/health")).status).toBe(200);
});

test("the page runs its own script only and asks nobody else", async () => {
  const { app } = await testApp();
  const response = await app.request("/");
  const html = await response.text();
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; /);
  for (const element of ["script", "style"]) {
    const [, own = ""] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(html) ?? [];
    const hash = createHash("sha256").update(own).digest("base64");
    expect(response.headers.get("content-security-policy")).toContain(`${element}-src 'sha256-${hash}'`);
  }
  for (const text of ["Check Health", "Send Predict", '{"features":[[0,0,0]]}']) expect(html).toContain(text);
  expect(html).not.toMatch(/https?:|\/\/[a-z]|<link|<img| src=| on[a-z]+="/);
});
