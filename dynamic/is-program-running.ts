import { Client, credentials } from "@grpc/grpc-js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";

/**
 * Whether the engine that started this provider is running the program: true in an update or a preview, false in a destroy. The engine tells a provider
 * what to delete, never why: the stack is destroyed, the program dropped the resource, or the resource was replaced.
 *
 * A program first registers the stack's own resource, which the engine then knows as the root.
 * @throws Error when the engine does not answer
 */
export async function isProgramRunning(engineAddress = process.argv[2]): Promise<boolean> {
  if (!engineAddress) throw new Error("no engine started this process");
  const client = new Client(engineAddress, credentials.createInsecure());
  try {
    const answer = await new Promise<InstanceType<typeof engine.GetRootResourceResponse>>((done, fail) => {
      client.makeUnaryRequest(
        "/pulumirpc.Engine/GetRootResource",
        (request: InstanceType<typeof engine.GetRootResourceRequest>) => Buffer.from(request.serializeBinary()),
        (bytes: Buffer) => engine.GetRootResourceResponse.deserializeBinary(bytes),
        new engine.GetRootResourceRequest(),
        { deadline: Date.now() + 5000 },
        (error, response) => (error || !response ? fail(error) : done(response)),
      );
    });
    return answer.getUrn() !== "";
  } finally {
    client.close();
  }
}
