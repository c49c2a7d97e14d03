/**
 * The gRPC server for the program's SDK.
 * @module
 */
import type { Server, ServerUnaryCall, ServiceDefinition, sendUnaryData, UntypedHandleCall } from "@grpc/grpc-js";
import { messageOf, needsPulumiCli } from "../failure.ts";
import type { EngineSocket } from "./engine-socket.ts";
import { CHANNEL_OPTIONS, grpc } from "./protocol.ts";

/** Handles one call; an exception becomes the call's error. */
type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;
// Each method has its own request and response type; one table holds them all.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Handlers = Record<string, Handler<any, any>>;

/** An error with a specific gRPC status. */
export class StatusError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

function handle(handler: Handler<unknown, unknown>): UntypedHandleCall {
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => callback(null, response),
        (error) =>
          callback({
            code: error instanceof StatusError ? error.code : grpc().status.UNKNOWN,
            message: messageOf(error),
          }),
      );
  };
}

export class GrpcServer {
  readonly #server: Server;
  readonly #socket: EngineSocket;

  constructor(socket: EngineSocket) {
    this.#socket = socket;
    this.#server = new (grpc().Server)(CHANNEL_OPTIONS);
  }

  /** Adds a service. A method without a handler is rejected by name. */
  add(definition: ServiceDefinition, service: string, handlers: Handlers, onRejected: (error: Error) => void): void {
    const all = Object.fromEntries(
      Object.keys(definition).map((method) => {
        const handler =
          handlers[method] ??
          (() => {
            const error = needsPulumiCli(`The RPC ${service}.${method}`);
            onRejected(error);
            throw new StatusError(grpc().status.UNIMPLEMENTED, error.message);
          });
        return [method, handle(handler)];
      }),
    );
    this.#server.addService(definition, all);
  }

  start(): void {
    const injector = this.#server.createConnectionInjector(grpc().ServerCredentials.createInsecure());
    this.#socket.open((socket) => injector.injectConnection(socket));
  }

  close(): void {
    this.#server.forceShutdown();
    this.#socket.close();
  }
}
