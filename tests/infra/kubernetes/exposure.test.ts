import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../../service/app.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { testModel } from "../../service/helpers/test-model.ts";
import { EVERYTHING, only, ROUTED, render } from "./render.ts";

// The first run loads the program and the SDK.
beforeAll(() => render(), 60_000);

/** Each path that the service has, and how it is matched from outside. */
async function pathsOfService(): Promise<string[]> {
  await using files = await testModel();
  const predictor = await openPredictor(files.folder);
  const model = { name: "churn-model", version: "1", stage: "Staging", sha256: "a".repeat(64) };
  const app = createApp({ predictor, model, limits: { maxRows: 1, maxBodyBytes: 1 } });
  const paths = [...new Set(app.routes.map(({ path }) => path))];
  predictor.close();
  return paths;
}

const isExposed = (path: string, paths: readonly { readonly path: string; readonly type: string }[]) =>
  paths.some((one) => (one.type === "Exact" ? one.path === path : `${path}/`.startsWith(`${one.path}/`)));

interface IngressSpec {
  readonly rules: readonly { http: { paths: { path: string; pathType: string }[] } }[];
}
interface RouteSpec {
  readonly rules: readonly { matches: { path: { type: string; value: string } }[] }[];
}

test("all that the service answers is exposed, but its metrics", async () => {
  const ingress = only(await render(EVERYTHING), "Ingress").spec as IngressSpec;
  const route = only(await render(ROUTED), "HTTPRoute").spec as RouteSpec;
  const byIngress = ingress.rules.flatMap(({ http }) =>
    http.paths.map(({ path, pathType }) => ({ path, type: pathType })),
  );
  const byRoute = route.rules.flatMap(({ matches }) =>
    matches.map(({ path: { type, value } }) => ({ path: value, type: type === "PathPrefix" ? "Prefix" : type })),
  );
  expect(byRoute).toEqual(byIngress);
  const hidden = (await pathsOfService()).filter((path) => !isExposed(path, byIngress));
  expect(hidden).toEqual(["/metrics"]);
});

test("a route's rules are as short as every release of the Gateway API wants them", async () => {
  const { rules } = only(await render(ROUTED), "HTTPRoute").spec as RouteSpec;
  // Releases before 1.2 take 8 matches a rule.
  for (const { matches } of rules) expect(matches.length).toBeLessThanOrEqual(8);
});

test("an Ingress ends TLS with the secret that config names", async () => {
  expect(only(await render(EVERYTHING), "Ingress").spec).toMatchObject({
    ingressClassName: "nginx",
    tls: [{ hosts: ["churn.example.com"], secretName: "churn-tls" }],
  });
});

test("a route that a trial has written is an update's all the same", async () => {
  expect(only(await render(ROUTED), "HTTPRoute").metadata).toMatchObject({
    annotations: { "pulumi.com/patchForce": "true" },
  });
});
