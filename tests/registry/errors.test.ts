import { expect, test } from "vitest";
import { inClusterHint, isNotFound, RegistryError } from "../../registry/errors.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../registry/model-versions.ts";
import { json, serve } from "../helpers/http-server.ts";

test.each([
  ["a missing model or run", { status: 404, code: "RESOURCE_DOES_NOT_EXIST" }, "No such model", true],
  ["a missing alias", { status: 400, code: "INVALID_PARAMETER_VALUE" }, "Registered model alias x not found.", true],
  ["another wrong parameter", { status: 400, code: "INVALID_PARAMETER_VALUE" }, "Invalid value for name", false],
  ["a page that is not there: the base URL is wrong", { status: 404 }, "<html>Not Found</html>", false],
  ["a refused sign-in", { status: 401 }, "Unauthorized", false],
  ["a server that is not there", {}, "alias x not found: does not answer", false],
])("tells %s", (_name, details, message, wanted) => {
  expect(isNotFound(new RegistryError(message, details))).toBe(wanted);
});

test("treats no other error as a missing thing", () => {
  expect(isNotFound(Object.assign(new Error("x"), { status: 404, code: "RESOURCE_DOES_NOT_EXIST" }))).toBe(false);
  expect(isNotFound(undefined)).toBe(false);
});

test("a missing alias has no version, but a wrong base URL is an error", async () => {
  await using server = await serve(({ path }, response) =>
    path.startsWith("/api")
      ? json(response, { error_code: "INVALID_PARAMETER_VALUE", message: "Registered model alias x not found." }, 400)
      : response.writeHead(404).end("<html>Not Found</html>"),
  );
  const [right, wrong] = [server.url, `${server.url}/wrong`].map((trackingUri) => new MlflowClient({ trackingUri }));
  if (!right || !wrong) throw new Error("two clients");
  expect(await getVersionByAlias(right, "churn-model", "x")).toBeUndefined();
  await expect(getVersionByAlias(wrong, "churn-model", "x")).rejects.toThrow("HTTP 404 <html>Not Found</html>");
});

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
