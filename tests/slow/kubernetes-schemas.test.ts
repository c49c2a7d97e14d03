import { spawnSync } from "node:child_process";
import { HTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { beforeAll, expect, test } from "vitest";
import type { Manifest } from "../../infra/render/render-stack.ts";
import { ensurePythonVenv } from "../../infra/targets/local/python-venv.mjs";
import { EVERYTHING, ROUTED, render } from "../infra/kubernetes/render.ts";

/** The three newest minors that there are schemas of. */
const MINORS = ["1.35", "1.36", "1.37"];

/** Kinds that the cluster learns from others; their schemas come with npm packages. */
const CUSTOM = {
  HTTPRoute: (one: Manifest) => new HTTPRoute(one as never).validate(),
  ServiceMonitor: (one: Manifest) => new ServiceMonitor(one as never).validate(),
};

const STACKS = {
  "staging with nothing configured": {},
  "production with nothing configured": { environment: "production" },
  "staging with everything": EVERYTHING,
  "production with everything": { ...EVERYTHING, environment: "production", training: {} },
  "staging by a Gateway, data elsewhere, ports forwarded": ROUTED,
} as const;

let python: string;
beforeAll(async () => {
  // Apart from the tests' other Python environment: it is 850 MB, and this one need not wait for it.
  python = await ensurePythonVenv({ folder: ".venv-schemas", requirements: ["tests/kubernetes/requirements.txt"] });
});

function validate(manifests: readonly Manifest[]): { minors: string[]; checked: number; errors: string[] } {
  const input = JSON.stringify(manifests.filter(({ kind }) => !(kind in CUSTOM)));
  const ran = spawnSync(python, ["tests/kubernetes/validate.py", ...MINORS], { input, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`validate.py ended with ${ran.status}: ${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

test.each(Object.entries(STACKS))("%s: every object is valid for three minors", async (_name, options) => {
  const manifests = await render(options);
  const { minors, checked, errors } = validate(manifests);
  expect(minors.slice(-3)).toEqual(MINORS);
  expect(errors).toEqual([]);
  const custom = manifests.filter(({ kind }) => kind in CUSTOM);
  expect(checked).toBe(3 * (manifests.length - custom.length));
  for (const one of custom) CUSTOM[one.kind as keyof typeof CUSTOM](one); // throws
});

test("the validators do find what is wrong", async () => {
  const manifests = (await render(ROUTED)).concat(await render(EVERYTHING));
  const broken = manifests.map((one) => ({ ...one, spec: { ...(one.spec as object), replicaz: 2 } }));
  const { errors } = validate(broken.filter(({ kind }) => kind === "Deployment" || kind === "Ingress"));
  expect(errors.filter((error) => error.includes("replicaz"))).toHaveLength(errors.length);
  expect(errors.length).toBeGreaterThan(3 * MINORS.length);
  for (const [kind, check] of Object.entries(CUSTOM)) {
    const one = manifests.find((manifest) => manifest.kind === kind) as Manifest;
    expect(() => check({ ...one, spec: { ...(one.spec as object), hostnames: 5, endpoints: 5 } })).toThrow();
  }
});
