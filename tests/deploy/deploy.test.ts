import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commentOnPullRequest } from "../../deploy/pull-request-comment.ts";
import { markOf, summaryOf } from "../../deploy/summary.ts";
import { configFor } from "../../deploy/version-to-promote.ts";

const PRODUCTION = { stack: "fraud-live", environment: "production" } as const;
const STAGING = { stack: "fraud-test", environment: "staging" } as const;

test("the version to promote and the reason of an override become settings", () => {
  expect(configFor(PRODUCTION, { MODEL_VERSION: " 3 " })).toEqual(["promotion.version=3"]);
  const override = { OVERRIDE_REASON: "outage, see 12", OVERRIDE_EXPIRES: "2026-05-01T12:00:00Z" };
  expect(configFor(PRODUCTION, { MODEL_VERSION: "3", ...override, GITHUB_ACTOR: "ada" })).toEqual([
    "promotion.version=3",
    "promotion.override.version=3",
    "promotion.override.reason=outage, see 12",
    "promotion.override.who=ada",
    "promotion.override.expires=2026-05-01T12:00:00Z",
  ]);
  expect(() => configFor(PRODUCTION, { MODEL_VERSION: "3", ...override })).toThrow("an override requires OVERRIDE_WHO");
  expect(configFor(PRODUCTION, { MODEL_VERSION: "", OVERRIDE_REASON: "" })).toEqual([]);
  expect(configFor(STAGING, {})).toEqual([]);
});

test("rejects an invalid version, and a version for staging", () => {
  expect(() => configFor(PRODUCTION, { MODEL_VERSION: "3 --yes" })).toThrow('version number, such as 3, got "3 --yes"');
  expect(() => configFor(STAGING, { MODEL_VERSION: "3" })).toThrow(
    "stack fraud-test is a staging stack, which trains its own version",
  );
});

const BLOCKED = [
  "error: quality gate failed for churn-model version 1: accuracy 0.8975 < 0.90 required",
  "Outputs:",
  '  + version    : "1"',
  "    error: quality gate failed for churn-model version 1: accuracy 0.8975 < 0.90 required",
].join("\n");

test("the summary has the result and the gate's messages, each once", () => {
  const text = summaryOf({ command: "up", stack: "staging", exitCode: 255, output: BLOCKED });
  expect(text).toContain("### pulumi up of staging failed with exit code 255");
  const [head = ""] = text.split("<details>");
  expect(head.match(/accuracy 0\.8975 < 0\.90 required/g)).toHaveLength(1);
  expect(head).toContain('- `version    : "1"`');
});

test("the summary of a failed update has each error once, without Pulumi's status lines and the outputs that it did not reach", () => {
  const output = [
    " ~  pulumi-nodejs:dynamic/promotion:QualityGate credit-gate updating (22s) [diff: ~policy]; error: quality gate failed for credit version 1: ROC AUC 0.96 < 0.99 required",
    " ~  pulumi-nodejs:dynamic/promotion:QualityGate credit-gate **updating failed** [diff: ~policy]; error: quality gate failed for credit version 1: ROC AUC 0.96 < 0.99 required",
    "    pulumi:pulumi:Stack model-promotion-credit-staging running error: update failed",
    "Policies:",
    "        - [mandatory]  images-by-digest  (docker:index:Container: gateway)",
    "Diagnostics:",
    "  pulumi:pulumi:Stack (model-promotion-credit-staging):",
    "    error: update failed",
    "",
    "  pulumi-nodejs:dynamic/promotion:QualityGate (credit-gate):",
    "    error: quality gate failed for credit version 1: ROC AUC 0.96 < 0.99 required",
    "",
    "  pulumi-nodejs:dynamic:Promotion (promotion):",
    "    error: the registry has no version 2 of credit",
    "",
    "Outputs:",
    "  - accuracy     : 0.89",
    "  - metrics      : {",
    "      - accuracy: 0.89",
    "    }",
    "  - proofs       : [",
    '  -     [0]: "starts: /ready answered 200"',
    "    ]",
    '  - version      : "1"',
    "",
    "Resources:",
    "    4 unchanged",
    "    1 errored",
  ].join("\n");
  const [head = ""] = summaryOf({ command: "up", stack: "staging", exitCode: 1, output }).split("<details>");
  expect(head.split("\n").filter((line) => line.startsWith("- "))).toEqual([
    "- `error: quality gate failed for credit version 1: ROC AUC 0.96 < 0.99 required`",
    "- `[mandatory]  images-by-digest  (docker:index:Container: gateway)`",
    "- `error: the registry has no version 2 of credit`",
    "- `4 unchanged; 1 errored`",
  ]);
});

test("the summary lists the guard's reasons, and not what a preview's diff removes", () => {
  const output = [
    "    ~ pulumi-nodejs:dynamic/promotion:QualityGate: (update)",
    '      ~ version   : "1" => [unknown]',
    '      - champion  : "none"',
    '          [0]: "node"',
    "  pulumi-nodejs:dynamic:Promotion (promotion):",
    "    error: promotion of credit version 2 to production refused:",
    "      - its quality gate failed: ROC AUC 0.963967 < 0.999999 required",
    "      - staging has not verified it: serve it in staging first",
    "",
    "      - not a reason",
  ].join("\n");
  const [head = ""] = summaryOf({ command: "preview", stack: "production", exitCode: 1, output }).split("<details>");
  expect(head.split("\n").filter((line) => line.startsWith("- "))).toEqual([
    "- `error: promotion of credit version 2 to production refused:`",
    "- `its quality gate failed: ROC AUC 0.963967 < 0.999999 required`",
    "- `staging has not verified it: serve it in staging first`",
  ]);
});

test("the summary shows an inconclusive gate", () => {
  const output = "error: quality gate inconclusive for churn-model version 1: too few rows to tell";
  const [head = ""] = summaryOf({ command: "up", stack: "staging", exitCode: 1, output }).split("<details>");
  expect(head).toContain("- `error: quality gate inconclusive for churn-model version 1: too few rows to tell`");
});

test("text that others control cannot inject Markdown: no images, mentions or closing fences", () => {
  const output = "error: quality gate failed for churn-model version 1: ` ![x](https://attacker.example/x) @everyone";
  const [head = ""] = summaryOf({ command: "up", stack: "staging", exitCode: 1, output }).split("<details>");
  expect(head).toContain(
    "\n- `error: quality gate failed for churn-model version 1: ' ![x](https://attacker.example/x) @everyone`\n",
  );
});

test("output cannot break out of its block or exceed GitHub's limit", () => {
  const text = summaryOf({
    command: "preview",
    stack: "staging",
    exitCode: 0,
    output: `${"x".repeat(90_000)}\n\`\`\`\n# hi`,
  });
  expect(text.match(/```/g)).toHaveLength(2);
  // The end of the output is kept.
  expect(text).toContain("xxx\n'''\n# hi\n```\n");
  expect(text.length).toBeLessThan(65_536);
});

const MARK = markOf("fraud-test");

async function gitHub(comments: object[], status = 200) {
  const asked: { method: string; url: string; body: string; authorization: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method = "", url = "", headers } = request;
    asked.push({ method, url, body, authorization: headers.authorization ?? "" });
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(method === "GET" ? comments : { html_url: "https://example.org/comment" }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const folder = await mkdtemp(join(tmpdir(), "event-"));
  const event = join(folder, "event.json");
  await writeFile(event, JSON.stringify({ pull_request: { number: 7 } }));
  const env = {
    GITHUB_TOKEN: "t",
    GITHUB_REPOSITORY: "acme/models",
    GITHUB_EVENT_PATH: event,
    GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const dispose = async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { asked, env, [Symbol.asyncDispose]: dispose };
}

test("the first preview of a pull request creates a comment, the next one replaces it", async () => {
  await using first = await gitHub([{ id: 1, body: "somebody's" }]);
  expect(await commentOnPullRequest("fraud-test", "hello", first.env)).toBe("https://example.org/comment");
  expect(first.asked[1]).toMatchObject({
    method: "POST",
    url: "/repos/acme/models/issues/7/comments",
    authorization: "Bearer t",
  });
  expect(JSON.parse(first.asked[1]?.body ?? "")).toEqual({ body: `${MARK}\nhello` });
  await using next = await gitHub([
    { id: 1, body: "somebody's" },
    { id: 2, body: `${MARK}\nold` },
  ]);
  await commentOnPullRequest("fraud-test", "hello", next.env);
  expect(next.asked[1]).toMatchObject({ method: "PATCH", url: "/repos/acme/models/issues/comments/2" });
  expect(JSON.parse(next.asked[1]?.body ?? "")).toEqual({ body: `${MARK}\nhello` });
  expect([first.asked.length, next.asked.length]).toEqual([2, 2]);
});

test("each stack has a comment of its own on a pull request", async () => {
  await using server = await gitHub([{ id: 1, body: `${markOf("fraud-test-2")}\nold` }]);
  await commentOnPullRequest("fraud-test", "hello", server.env);
  expect(server.asked[1]).toMatchObject({ method: "POST" });
});

test("writes no comment on a laptop; an error includes GitHub's response", async () => {
  expect(await commentOnPullRequest("fraud-test", "hello", {})).toBeUndefined();
  await using refusing = await gitHub([{ message: "Resource not accessible" }], 403);
  await expect(commentOnPullRequest("fraud-test", "hello", refusing.env)).rejects.toThrow(
    /HTTP 403 .*Resource not accessible/,
  );
});
