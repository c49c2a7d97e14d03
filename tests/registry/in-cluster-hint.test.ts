import { expect, test } from "vitest";
import { inClusterHint } from "../../registry/errors.ts";

test.each([
  ["http://mlflow.ml.svc:5000", "ENOTFOUND", true],
  ["http://mlflow.ml.svc:5000", "EAI_AGAIN", true],
  ["http://mlflow.ml.svc.cluster.local:5000", "ENOTFOUND", true],
  ["http://mlflow.ml.svc:5000", "ECONNREFUSED", false],
  ["http://mlflow.ml.svc:5000", undefined, false],
  ["http://mlflow.example", "ENOTFOUND", false],
  ["http://svc.example", "ENOTFOUND", false],
])("%s and %s: names kubernetes.access: %s", (url, code, named) => {
  expect(
    inClusterHint(new URL(url), code)?.includes(
      "on both stacks: pulumi config set --path kubernetes.access port-forward",
    ) ?? false,
  ).toBe(named);
});
