import { Server, ServerCredentials } from "@grpc/grpc-js";
import rpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import { onTestFinished } from "vitest";

/** Address of an engine that knows this resource as the root. */
export async function engineWithRoot(urn: string): Promise<string> {
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
