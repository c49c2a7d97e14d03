import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../../service/app.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { testModel } from "../../service/helpers/test-model.ts";
import { EVERYTHING, only, ROUTED, render } from "./render.ts";

// The first run loads the program and the SDK.
beforeAll(() => render(), 60_000);

/** Each path of the service, and its match type in the exposure. */
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

test("exposes every path of the service except /metrics", async () => {
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

test("a route's rules are within the limits of every Gateway API release", async () => {
  const { rules } = only(await render(ROUTED), "HTTPRoute").spec as RouteSpec;
  // Releases before 1.2 allow 8 matches per rule.
  for (const { matches } of rules) expect(matches.length).toBeLessThanOrEqual(8);
});

test("an Ingress terminates TLS with the configured secret", async () => {
  expect(only(await render(EVERYTHING), "Ingress").spec).toMatchObject({
    ingressClassName: "nginx",
    tls: [{ hosts: ["churn.example.com"], secretName: "churn-tls" }],
  });
});

test("an update may change a route that a trial has written", async () => {
  expect(only(await render(ROUTED), "HTTPRoute").metadata).toMatchObject({
    annotations: { "pulumi.com/patchForce": "true" },
  });
});
