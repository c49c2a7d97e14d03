import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createApi } from "../../service/api.ts";
import { HealthAnswer, PredictAnswer, Problem, ReadyAnswer } from "../../service/contract.ts";
import type { OpenApiDocument } from "../../service/openapi/document.ts";
import { flushLog } from "../../service/watch/log.ts";
import { floatTable, readClasses } from "./helpers/tables.ts";
import { float32s, MODEL, testApp } from "./helpers/test-app.ts";
import { mlmodelOf } from "./helpers/test-model.ts";

const ROWS = [
  [1, 2, 3],
  [-1, 0.5, -0.25],
];

test("predicts each row like the predictor", async () => {
  const { predict, predictor } = await testApp();
  const response = await predict({ features: ROWS });
  const { labels, scores } = readClasses(await predictor.predict(floatTable(predictor, ROWS)));
  expect(response.status).toBe(200);
  const answer = PredictAnswer.parse(await response.json());
  expect(answer.predictions).toEqual(labels);
  expect(float32s(answer.probabilities?.flat())).toEqual([...(scores ?? [])]);
  expect(answer.probabilities?.map((list) => list.length)).toEqual([2, 2]);
});

test("omits probabilities if the model has none", async () => {
  const { predict } = await testApp({ model: { probabilitiesName: null } });
  expect(await (await predict({ features: [[1, 2, 3]] })).json()).toEqual({ predictions: [1] });
});

test("/health identifies the served model", async () => {
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

test("/ready is 503 during shutdown, and /health does not change", async () => {
  let ready = true;
  const { app } = await testApp({ isReady: () => ready });
  expect(ReadyAnswer.parse(await (await app.request("/ready")).json())).toEqual({ status: "ready" });
  ready = false;
  const response = await app.request("/ready");
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(Problem.parse(await response.json()).detail).toBe("the service is shutting down");
  expect((await app.request("/health")).status).toBe(200);
});

test("answers unknown paths and methods with problems", async () => {
  const { app } = await testApp();
  const unknown = await app.request("/nothing");
  expect(unknown.status).toBe(404);
  expect(Problem.parse(await unknown.json()).title).toBe("Not Found");
  const method = await app.request("/predict");
  expect(method.status).toBe(405);
  expect(method.headers.get("allow")).toBe("POST, OPTIONS");
  expect(method.headers.get("content-type")).toBe("application/problem+json");
  expect((await app.request("/health", { method: "DELETE" })).status).toBe(405);
});

test("reveals no internals if the model fails", async () => {
  const { app, predictor, predict } = await testApp();
  await predictor.close();
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  const response = await predict({ features: [[4.25, 2, 3]] });
  await flushLog();
  process.stderr.write = write;
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    type: "about:blank",
    title: "Internal Server Error",
    status: 500,
    detail: "internal error; see the service's log",
  });
  const entries = written
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(entries).toContainEqual(expect.objectContaining({ level: "error", message: "request failed" }));
  expect(written.join("")).not.toContain("4.25");
  expect((await app.request("/health")).status).toBe(200);
});

test("the page runs only its own script and sends no other requests", async () => {
  const { app } = await testApp();
  const response = await app.request("/");
  const html = await response.text();
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; /);
  for (const element of ["script", "style"]) {
    const [, own = ""] = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(html) ?? [];
    const hash = createHash("sha256").update(own).digest("base64");
    expect(response.headers.get("content-security-policy")).toContain(`${element}-src 'sha256-${hash}'`);
  }
  for (const text of ["Check Health", "Send Predict", "{&#34;features&#34;:[[0,0,0]]}"]) expect(html).toContain(text);
  // The script may contain URLs; the markup has only the icon's data URL and this service's pages.
  const markup = html.replace(/<script>[\s\S]*?<\/script>/, "");
  expect(markup).not.toMatch(/https?:|\/\/[a-z]|<img| src=| on[a-z]+="|url\(|@import/);
  expect(markup).not.toMatch(/href="(?!data:image\/svg\+xml;base64,|\.\/"|docs"|metrics")/);
  expect(/<script>([\s\S]*?)<\/script>/.exec(html)?.[1]).not.toMatch(/https?:|import\(|innerHTML/);
});

test("the page shows the model card, escaped", async () => {
  const card = {
    verdict: "passed",
    summary: "<b>accuracy</b> 0.8975",
    metrics: { accuracy: 0.8975 },
    reportUrl: "http://127.0.0.1:5050/r",
  };
  const { app } = await testApp({ more: { card, otherUrl: "http://127.0.0.1:9" } });
  const html = await (await app.request("/")).text();
  for (const text of ["Gate passed", "0.8975", MODEL.sha256, "accuracy"]) expect(html).toContain(text);
  // URLs are shown as words.
  expect(html).toContain('<a href="http://127.0.0.1:5050/r">The gate’s report</a>');
  expect(html.match(/>[^<]*https?:[^<]*</g)).toBeNull();
  expect(html).toContain("&#60;b&#62;accuracy&#60;/b&#62; 0.8975");
  expect(html).not.toContain("<b>");
  expect(await (await app.request("/other")).json()).toEqual({ detail: "does not respond" });
});

test.each([
  ["without column names", undefined, 8],
  ["with column names", ["age", "income", "a/b"], 14],
])("openapi.json of a model %s has every path, and its examples work", async (_, columns, examples) => {
  const mlmodel = { ...mlmodelOf(3), ...(columns && { metadata: { columns } }) };
  const { app, ask, predictor } = await testApp({ model: { mlmodel } });
  const document = (await (await app.request("/openapi.json")).json()) as OpenApiDocument;
  expect(document.openapi).toBe("3.1.0");
  const { routes, states } = createApi({ predictor, model: MODEL, limits: { maxRows: 5, maxBodyBytes: 2000 } });
  const paths = document.paths as Record<string, { post?: { requestBody: Body } }>;
  expect(Object.keys(paths).sort()).toEqual([...routes.keys(), ...states.keys(), "/metrics"].sort());
  type Body = { content: { "application/json": { examples: Record<string, { value: unknown }> } } };
  let answered = 0;
  for (const [path, { post }] of Object.entries(paths))
    for (const { value } of Object.values(post?.requestBody.content["application/json"].examples ?? {})) {
      expect((await ask(path, value)).status, JSON.stringify(value)).toBe(200);
      answered++;
    }
  expect(answered).toBe(examples);
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name,
  );
  expect(refs).toContain("Problem");
  expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining(refs));
  const docs = await app.request("/docs");
  const html = await docs.text();
  const text = html.replaceAll("<wbr>", "");
  for (const path of Object.keys(paths)) expect(text).toContain(path);
  const [, script = ""] = /<script>([\s\S]*?)<\/script>/.exec(html) ?? [];
  const hash = createHash("sha256").update(script).digest("base64");
  expect(docs.headers.get("content-security-policy")).toContain(`script-src 'sha256-${hash}'`);
  expect(html).not.toMatch(/https?:|<img| src=| on[a-z]+="|href="(?!data:image|\.\/"|docs"|metrics"|openapi\.json"|#)/);
});
