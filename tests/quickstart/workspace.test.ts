import { expect, test } from "vitest";
import { requireFreePorts } from "../../quickstart/workspace.ts";
import { freePort } from "../helpers/free-port.ts";
import { serve } from "../helpers/http-server.ts";

test("names every port in use and the option that sets another", async () => {
  await using mlflow = await serve((_, response) => response.end());
  await using production = await serve((_, response) => response.end());
  const ports = { mlflow: mlflow.port, staging: await freePort(), production: production.port };
  await expect(requireFreePorts({ ports })).rejects.toThrow(
    new Error(
      `port ${mlflow.port} (mlflow) is in use; choose another: npm run quickstart -- --mlflow-port <port>\n` +
        `port ${production.port} (production) is in use; choose another: npm run quickstart -- --production-port <port>`,
    ),
  );
});

test("accepts ports that are free", async () => {
  const ports = { mlflow: await freePort(), staging: await freePort(), production: await freePort() };
  await requireFreePorts({ ports });
});
