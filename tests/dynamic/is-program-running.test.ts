import { Server, ServerCredentials } from "@grpc/grpc-js";
import rpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import { expect, onTestFinished, test } from "vitest";
import { isProgramRunning } from "../../dynamic/is-program-running.ts";

/** Starts an engine with this root resource and returns its address. */
async function engineWithRoot(urn: string): Promise<string> {
  const server = new Server();
  server.addService(rpc.EngineService as never, {
    getRootResource: (_call: unknown, answer: (error: null, response: object) => void) =>
      answer(null, new engine.GetRootResourceResponse().setUrn(urn)),
  });
  const port = await new Promise<number>((done, fail) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? fail(error) : done(bound),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

test("a running program has registered the stack resource: an engine without one runs no program", async () => {
  expect(await isProgramRunning(await engineWithRoot("urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"))).toBe(true);
  expect(await isProgramRunning(await engineWithRoot(""))).toBe(false);
});

test("throws when the engine does not respond", async () => {
  await expect(isProgramRunning("127.0.0.1:9")).rejects.toThrow(/UNAVAILABLE|DEADLINE/);
  await expect(isProgramRunning("")).rejects.toThrow("this process was not started by a Pulumi engine");
});
