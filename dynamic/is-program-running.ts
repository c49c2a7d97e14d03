import { Client, credentials } from "@grpc/grpc-js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";

/**
 * Returns whether the engine that started this provider is running the program: true in an update or a preview, false in a destroy.
 * The engine passes a provider what to delete, but not why: the stack is being destroyed, the program dropped the resource, or the
 * resource was replaced.
 *
 * A program registers the stack resource first, so an engine that runs one has a root resource.
 * @throws Error when the engine does not answer
 */
export async function isProgramRunning(engineAddress = process.argv[2]): Promise<boolean> {
  if (!engineAddress) throw new Error("this process was not started by a Pulumi engine: it has no engine address");
  const client = new Client(engineAddress, credentials.createInsecure());
  try {
    const response = await new Promise<InstanceType<typeof engine.GetRootResourceResponse>>((done, fail) => {
      client.makeUnaryRequest(
        "/pulumirpc.Engine/GetRootResource",
        (request: InstanceType<typeof engine.GetRootResourceRequest>) => Buffer.from(request.serializeBinary()),
        (bytes: Buffer) => engine.GetRootResourceResponse.deserializeBinary(bytes),
        new engine.GetRootResourceRequest(),
        { deadline: Date.now() + 5000 },
        (error, root) => (error || !root ? fail(error) : done(root)),
      );
    });
    return response.getUrn() !== "";
  } finally {
    client.close();
  }
}
