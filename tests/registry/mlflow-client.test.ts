import type { ServerResponse } from "node:http";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { RegistryError } from "../../registry/errors.ts";
import { accessFromEnvironment, MlflowClient } from "../../registry/mlflow-client.ts";
import { freePort } from "../helpers/free-port.ts";
import { json, serve } from "../helpers/http-server.ts";

/** A single attempt: these tests cover messages; retry.test.ts covers retries. */
const ONCE = { timeoutMs: 20_000, retries: 0 };

/** Returns the error of a call to a server with this response. */
async function refused(answer: (response: ServerResponse) => void, method: "GET" | "POST" = "GET") {
  await using server = await serve((_, response) => answer(response));
  const error = await new MlflowClient({ trackingUri: server.url }, ONCE)
    .call(method, "mlflow/x")
    .catch((error) => error);
  expect(error).toBeInstanceOf(RegistryError);
  const message = (error as RegistryError).message.replace(server.url, "URL").replace(/ in \d+\.\d s/, "");
  return { error: error as RegistryError, message };
}

test("sends requests below /api/2.0, with the query and a JSON body", async () => {
  await using server = await serve((_, response) => json(response, { answer: 1 }));
  const client = new MlflowClient({ trackingUri: `${server.url}//` });
  const options = { query: { name: "a b&c", page_token: undefined, max: 2 }, body: { key: "ü" } };
  expect(await client.call("POST", "mlflow/runs/create", options)).toEqual({ answer: 1 });
  const [request] = server.requests;
  expect(request).toMatchObject({ method: "POST", path: "/api/2.0/mlflow/runs/create?name=a+b%26c&max=2" });
  expect(request?.headers["content-type"]).toBe("application/json");
  expect(request?.body).toBe('{"key":"ü"}');
});

test("sends bytes unchanged, and parses an empty response as {}", async () => {
  await using server = await serve((_, response) => response.end());
  const client = new MlflowClient({ trackingUri: server.url });
  await client.request("PUT", "x", { body: new TextEncoder().encode("bytes") });
  expect(server.requests[0]?.headers["content-type"]).toBe("application/octet-stream");
  expect(server.requests[0]?.body).toBe("bytes");
  expect(await client.call("GET", "x")).toEqual({});
});

test("keeps a path prefix, as servers behind a proxy have one", async () => {
  await using server = await serve((_, response) => json(response, {}));
  await new MlflowClient({ trackingUri: `${server.url}/team/mlflow/` }).call("GET", "mlflow/x");
  expect(server.requests[0]?.path).toBe("/team/mlflow/api/2.0/mlflow/x");
});

test.each([
  ["no credentials", {}, undefined],
  ["a token", { token: "t0ken" }, "Bearer t0ken"],
  ["a token with a line end, as files have one", { token: "t0ken\n" }, "Bearer t0ken"],
  ["user and password", { username: "ann", password: "pä:ss" }, `Basic ${Buffer.from("ann:pä:ss").toString("base64")}`],
  ["a token before user and password", { username: "ann", password: "p", token: "t0ken" }, "Bearer t0ken"],
  ["a user without a password", { username: "ann" }, `Basic ${Buffer.from("ann:").toString("base64")}`],
  ["empty variables", { username: "", password: "", token: "" }, undefined],
])("signs in with %s", async (_name, access, authorization) => {
  await using server = await serve((_, response) => json(response, {}));
  await new MlflowClient({ trackingUri: server.url, ...access }).call("GET", "x");
  expect(server.requests[0]?.headers.authorization).toBe(authorization);
});

test("reports MLflow's own error, with status and code", async () => {
  const { error, message } = await refused((response) =>
    json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "No such run" }, 404),
  );
  expect(message).toBe("MLflow at URL refused GET mlflow/x: HTTP 404 RESOURCE_DOES_NOT_EXIST No such run");
  expect(error).toMatchObject({ status: 404, code: "RESOURCE_DOES_NOT_EXIST" });
});

test.each([
  ["a page", "<html>Bad Gateway</html>", "HTTP 502 <html>Bad Gateway</html>"],
  ["another kind of JSON", '{"detail":"Not Found"}', 'HTTP 502 {"detail":"Not Found"}'],
  ["null", "null", "HTTP 502 null"],
  ["a list", "[1]", "HTTP 502 [1]"],
  [
    "a message that is not a string",
    '{"error_code":7,"message":{"a":1}}',
    'HTTP 502 {"error_code":7,"message":{"a":1}}',
  ],
  ["nothing", "", "HTTP 502"],
])("shows an error whose body is %s", async (_name, body, shown) => {
  const { error, message } = await refused((response) => response.writeHead(502).end(body), "POST");
  expect(message).toBe(
    `MLflow at URL refused POST mlflow/x: ${shown} [1 attempt; not retried, because it is not idempotent]`,
  );
  expect(error).toMatchObject({ status: 502, code: undefined });
});

test("rejects a successful response that is not JSON, such as a login page, and shows only its beginning", async () => {
  const { error, message } = await refused((response) => response.end(`<html>${"x".repeat(1000)}`));
  expect(message).toMatch(/^MLflow at URL did not respond to GET mlflow\/x with JSON: <html>x+ \[1 attempt\]$/);
  expect(message.length).toBeLessThan(300);
  expect(error.status).toBe(200);
  expect(error.cause).toBeInstanceOf(SyntaxError);
});

test("reports an incomplete response", async () => {
  const { message } = await refused((response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write('{"half":', () => response.destroy());
  });
  expect(message).toMatch(/^MLflow at URL did not complete its response to GET mlflow\/x: /);
});

test("explains how to reach a server whose name resolves only in the cluster", async () => {
  const client = new MlflowClient({ trackingUri: "http://mlflow.no-such-namespace.svc:5000" }, ONCE);
  await expect(client.call("GET", "mlflow/x")).rejects.toThrow(
    "This name resolves only inside the cluster. From elsewhere, set on both stacks: pulumi config set --path kubernetes.access port-forward",
  );
});

test("reports with the reason that no server listens", async () => {
  const trackingUri = `http://127.0.0.1:${await freePort()}`;
  const error = await new MlflowClient({ trackingUri }, ONCE).call<never>("GET", "mlflow/x").catch((error) => error);
  expect(error).toBeInstanceOf(RegistryError);
  expect(error.message).toMatch(
    /^MLflow at http:\/\/127\.0\.0\.1:\d+ does not answer GET mlflow\/x: connect ECONNREFUSED .*\. Is the server running\? \[1 attempt in 0\.\d s\]$/,
  );
  expect(error.status).toBeUndefined();
});

test.each([
  ["mlflow.example", 'MLflow tracking URI "mlflow.example" has no scheme: set it to http://mlflow.example'],
  ["127.0.0.1:5050", 'MLflow tracking URI "127.0.0.1:5050" has no scheme: set it to http://127.0.0.1:5050'],
  [" localhost:5050/mlflow ", "has no scheme: set it to http://localhost:5050/mlflow"],
  ["http//m.example?x", 'MLflow tracking URI "http//m.example?x" is not a URL'],
  ["", 'MLflow tracking URI "" is not a URL'],
  ["file:///data", 'MLflow tracking URI "file:///data" must start with http:// or https://'],
  [
    "http://127.0.0.1:5050/#/models/churn-model",
    'MLflow tracking URI "http://127.0.0.1:5050/#/models/churn-model" is the address of a page in the browser; the server\'s URL is http://127.0.0.1:5050',
  ],
  ["https://m.example/team/#/experiments", "the server's URL is https://m.example/team"],
  ["http://m.example/?workflowType=machine_learning#/models", "the server's URL is http://m.example"],
  ["sqlite:///mlflow.db", 'MLflow tracking URI "sqlite:///mlflow.db" must start with http:// or https://'],
])("rejects the tracking URI %j", (trackingUri, message) => {
  expect(() => new MlflowClient({ trackingUri })).toThrow(message);
});

test("names the missing variable", () => {
  expect(() => accessFromEnvironment({})).toThrow("MLFLOW_TRACKING_URI is not set. Set it to the MLflow server's URL");
  expect(() => accessFromEnvironment({ MLFLOW_TRACKING_URI: "" })).toThrow("is not set");
});

const SECRET = "s3cret-value";
const BASIC = Buffer.from(`ann:${SECRET}`).toString("base64");

/** Everything in an error that a program may print. */
const printed = (error: unknown) => inspect(error, { depth: 10, showHidden: true });

test.each([
  ["a token", { token: SECRET }],
  ["a password", { username: "ann", password: SECRET }],
])(
  "never shows %s, whether the server echoes the request, does not return JSON, or does not exist",
  async (_name, access) => {
    await using echo = await serve((request, response) => response.writeHead(403).end(JSON.stringify(request.headers)));
    await using page = await serve((request, response) => response.end(`<pre>${request.headers.authorization}</pre>`));
    for (const trackingUri of [echo.url, page.url, `http://127.0.0.1:${await freePort()}`]) {
      const error = await new MlflowClient({ trackingUri, ...access }, ONCE).call("GET", "x").catch((error) => error);
      expect(error).toBeInstanceOf(RegistryError);
      expect(printed(error)).not.toContain(SECRET);
      expect(printed(error)).not.toContain(BASIC);
    }
  },
);

test("rejects a token that no header can carry, without showing it", () => {
  const build = () => new MlflowClient({ trackingUri: "http://127.0.0.1:1", token: `${SECRET}\nX: y` });
  expect(build).toThrow("the MLflow token contains spaces, newlines");
  expect(build).not.toThrow(SECRET);
});

test.each(["http", "https", "ftp"])("rejects a password in a %s URI without showing it", (scheme) => {
  const build = () => new MlflowClient({ trackingUri: `${scheme}://ann:${SECRET}@mlflow.example` });
  expect(build).toThrow(`"${scheme}://***@mlflow.example" must`);
  const broken = () => new MlflowClient({ trackingUri: `${scheme}://ann:${SECRET}@mlflow.example:port` });
  expect(broken).toThrow("is not a URL");
  for (const attempt of [build, broken])
    try {
      attempt();
    } catch (error) {
      expect(printed(error)).not.toContain(SECRET);
    }
});

test("ignores whitespace around the URL, as in a copied line", async () => {
  await using server = await serve((_, response) => json(response, {}));
  const access = accessFromEnvironment({ MLFLOW_TRACKING_URI: ` ${server.url}/ \n` });
  const client = new MlflowClient(access);
  expect(client.trackingUri).toBe(server.url);
  await client.call("GET", "mlflow/x");
  expect(new MlflowClient({ trackingUri: `\t${server.url} ` }).trackingUri).toBe(server.url);
  expect(() => accessFromEnvironment({ MLFLOW_TRACKING_URI: " " })).toThrow("MLFLOW_TRACKING_URI is not set");
});
