import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { credentials } from "@grpc/grpc-js";
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type {
  AnalyzeRequest,
  AnalyzeResponse,
  AnalyzerInfo,
  AnalyzerResource,
  RemediateResponse,
} from "@pulumi/pulumi/proto/analyzer_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";

// Runs the pack as Pulumi does: in a process of its own, over the analyzer protocol.
let pack: ChildProcess;
let client: InstanceType<typeof analyzerRpc.AnalyzerClient>;
beforeAll(async () => {
  pack = spawn(process.execPath, ["../node_modules/@pulumi/pulumi/cmd/run-policy-pack", "127.0.0.1:1", "."], {
    cwd: "policy",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = await once(pack.stdout as NodeJS.ReadableStream, "data");
  client = new analyzerRpc.AnalyzerClient(`127.0.0.1:${String(port).trim()}`, credentials.createInsecure());
}, 60_000);
afterAll(() => {
  client?.close();
  pack?.kill();
});

const URN = "urn:pulumi:production::model-promotion::docker:index/container:Container::c";

/** Fills a request or resource with these inputs. */
function filled<Message extends AnalyzeRequest | AnalyzerResource>(message: Message, type: string, props: object) {
  message.setType(type);
  message.setUrn(URN);
  message.setName("c");
  message.setProperties(struct.Struct.fromJavaScript(props as never));
  message.setOptions(new analyzer.AnalyzerResourceOptions());
  message.setProvider(new analyzer.AnalyzerProviderResource().setProperties(new struct.Struct()));
  return message;
}

/** Wraps a call of the protocol in a promise. */
const ask = <Answer>(call: (done: (error: Error | null, answer: Answer) => void) => void) =>
  new Promise<Answer>((done, fail) => call((error, answer) => (error ? fail(error) : done(answer))));

async function analyze(type: string, props: object) {
  const request = filled(new analyzer.AnalyzeRequest(), type, props);
  const answer = await ask<AnalyzeResponse>((done) => client.analyze(request, done));
  return answer.getDiagnosticsList().map((one) => `${one.getPolicyname()}: ${one.getMessage()}`);
}

const GOOD = { image: `app@sha256:${"d".repeat(64)}`, memory: 512, cpuQuota: 100_000, envs: [] };
const TYPE = "docker:index/container:Container";

test("reports its name and policies", async () => {
  const info = await ask<AnalyzerInfo>((done) => client.getAnalyzerInfo(new empty.Empty(), done));
  expect(info.getName()).toBe("model-promotion");
  expect(info.getPoliciesList().map((policy) => policy.getName())).toEqual([
    "images-by-digest",
    "limits-set",
    "mlflow-not-public",
    "secrets-not-in-plain-text",
    "secrets-encrypted",
    "data-kept",
    "production-never-trains",
  ]);
});

test("allows a compliant container and rejects another one with reasons", async () => {
  expect(await analyze(TYPE, GOOD)).toEqual([]);
  const found = await analyze(TYPE, { ...GOOD, image: "app:latest", memory: 0 });
  expect(found).toHaveLength(2);
  expect(found[0]).toContain("images-by-digest: ");
  expect(found[0]).toContain("which is not pinned");
  expect(found[1]).toContain("has no memory limit");
});

test("rejects a production stack that builds an image", async () => {
  const resource = (type: string, props: object) => filled(new analyzer.AnalyzerResource(), type, props);
  const request = new analyzer.AnalyzeStackRequest();
  request.setResourcesList([
    resource("pulumi-nodejs:dynamic/promotion:RegistryStage", { environment: "production" }),
    resource("docker:index/image:Image", {}),
  ]);
  const answer = await ask<AnalyzeResponse>((done) => client.analyzeStack(request, done));
  const messages = answer.getDiagnosticsList().map((one) => one.getMessage());
  expect(messages).toEqual([expect.stringContaining("a production stack must not build an image")]);
});

test("marks a secret that was set in plain text, so that the engine encrypts it", async () => {
  const request = filled(new analyzer.AnalyzeRequest(), TYPE, { ...GOOD, envs: ["A=1", "API_TOKEN=word"] });
  const answer = await ask<RemediateResponse>((done) => client.remediate(request, done));
  const [remedy] = answer.getRemediationsList();
  expect(remedy?.getPolicyname()).toBe("secrets-encrypted");
  const { envs = [] } = (remedy?.getProperties()?.toJavaScript() ?? {}) as { envs?: unknown[] };
  expect(envs[0]).toBe("A=1");
  // The wire format of a secret.
  expect(envs[1]).toMatchObject({ "4dabf18193072939515e22adb298388d": expect.any(String), value: "API_TOKEN=word" });
});

test("the embedded engine rejects --policy-pack, which it does not support", async () => {
  const args = ["packages/engine/cli.ts", "preview", "--policy-pack", "policy", "--stack", "staging"];
  const { stderr, code } = await promisify(execFile)(process.execPath, args).catch((error) => error);
  expect(code).not.toBe(0);
  expect(stderr).toContain(
    "The flag --policy-pack of `preview` is not supported by this engine: this stack requires the Pulumi CLI",
  );
});
