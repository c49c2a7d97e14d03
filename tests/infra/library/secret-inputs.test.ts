import { expect, test } from "vitest";
import { markSecrets } from "../../../infra/library/target-arguments.ts";
import { mockedStaging } from "../docker/docker-program.ts";

test("credentials that a program passes as plain texts are secrets in every registered input", async () => {
  const credentials = markSecrets("dockerTarget", {
    imageRegistry: { username: "u-hunter2", password: "p-hunter2" },
    mlflowAws: { accessKeyId: "a-hunter2", secretAccessKey: "s-hunter2" },
  });
  const mlflow = { image: "build", backendStoreUri: "postgresql://u:b-hunter2@h/d", artifactRoot: "s3://b/p" };
  const settings = { image: { repository: "acme/churn-model" }, mlflow };
  const { resources } = await mockedStaging({ settings, credentials });
  const found = resources.flatMap(({ name, inputs, secrets }) =>
    Object.entries(inputs)
      .filter(([, value]) => JSON.stringify(value)?.includes("hunter2"))
      .map(([key, value]) => [`${name}.${key}`, secrets.includes(key) || !leaks(value)]),
  );
  expect(found.map(([at]) => at)).toEqual(
    expect.arrayContaining(["docker.registryAuth", "mlflow-server.envs", "staging-image.registry"]),
  );
  expect(found.filter(([, isSecret]) => !isSecret)).toEqual([]);
});

/** The SDK's wire format of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Whether a value contains a password outside a secret. */
function leaks(value: unknown): boolean {
  if (typeof value === "string") {
    // A provider's inputs are JSON.
    if (!value.includes("hunter2")) return false;
    try {
      return leaks(JSON.parse(value));
    } catch {
      return true;
    }
  }
  if (typeof value !== "object" || value === null || SIGNATURE in value) return false;
  return Object.values(value).some(leaks);
}
