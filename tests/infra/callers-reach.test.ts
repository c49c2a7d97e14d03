import { expect, test } from "vitest";
import { callersReach } from "../../infra/deployment-check/verify.ts";
import { describeServed } from "../../infra/fresh-request.ts";
import { freePort } from "../helpers/free-port.ts";
import { json, serve } from "../helpers/http-server.ts";

/** A name that never resolves. */
const UNRESOLVED = "http://churn.no-such-namespace.svc:8000";
const HEALTH = { status: "ok", stage: "Staging", model: "churn-model", version: "2", sha256: "a".repeat(64) };

test("without a switch, callers reach the failed version, if it responds", async () => {
  await using server = await serve((_, response) => json(response, {}, 503));
  expect(await callersReach({ url: server.url })).toBe("Callers reach the failed version");
});

test.each([
  ["whose name cannot be resolved", async () => UNRESOLVED],
  // A port forward that has ended: the pods behind it may still serve.
  ["that refuses the connection", async () => `http://127.0.0.1:${await freePort()}`],
])("nothing is claimed about callers of a service %s", async (_name, url) => {
  expect(await callersReach({ url: await url() })).toBe(
    "What callers reach is unknown, because this machine got no answer",
  );
});

test("with a switch, callers reach the previous version", async () => {
  await using server = await serve((_, response) => json(response, HEALTH));
  expect(await callersReach({ url: UNRESOLVED, callersUrl: server.url })).toBe(
    `As before, version 2 serves callers at ${server.url}`,
  );
});

test("only a refused connection means that nothing serves", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  expect(await describeServed(url)).toMatch(`nothing serves callers at ${url} (`);
  expect(await describeServed(UNRESOLVED)).toMatch(`it is unknown what serves callers at ${UNRESOLVED} (getaddrinfo `);
});
