/**
 * A running program and its gRPC server.
 * @module
 */

import type { Deployment } from "../deployment/deployment.ts";
import type { Observer } from "../deployment/events.ts";
import { engineHandlers } from "../monitor/engine-service.ts";
import type { EngineSocket } from "../monitor/engine-socket.ts";
import { Monitor, type MonitorContext } from "../monitor/monitor.ts";
import { engineServices, resourceServices } from "../monitor/protocol.ts";
import { GrpcServer } from "../monitor/server.ts";
import type { ProgramEnd, RunningProgram } from "../program/host.ts";

export interface DescribedEnd extends ProgramEnd {
  readonly message: string;
}

function describe({ notStarted, signal, code }: ProgramEnd): string {
  if (notStarted !== undefined) return notStarted;
  if (signal !== null) return `Program was terminated by ${signal}`;
  return code === 0
    ? "Program exited without signalling completion"
    : `Program exited with non-zero exit code: ${code}`;
}

export class ProgramSession {
  readonly #program: RunningProgram;
  readonly #socket: EngineSocket;
  readonly #context: MonitorContext;
  #server: GrpcServer | undefined;
  /** Whether the program has registered all its resources. */
  finished = false;
  failed = false;
  readonly ended: Promise<DescribedEnd>;

  constructor(program: RunningProgram, socket: EngineSocket, context: MonitorContext) {
    this.#program = program;
    this.#socket = socket;
    this.#context = context;
    this.ended = program.ended.then((end) => ({ ...end, message: describe(end) }));
  }

  /** Starts the gRPC server, which the program is waiting for. */
  attach(deployment: Deployment, observer: Observer): void {
    const onRejected = (error: Error) => observer.diagnostic({ urn: "", severity: "error", message: error.message });
    const monitor = new Monitor(this.#context, deployment);
    const handlers = monitor.handlers();
    const shutdown = handlers.signalAndWaitForShutdown;
    if (shutdown)
      handlers.signalAndWaitForShutdown = (request) => {
        this.finished = true;
        return shutdown(request);
      };
    this.#server = new GrpcServer(this.#socket);
    this.#server.add(resourceServices().ResourceMonitorService as never, "ResourceMonitor", handlers, onRejected);
    this.#server.add(engineServices().EngineService as never, "Engine", engineHandlers(observer), onRejected);
    this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#program.stop();
    await this.#program.ended;
    if (this.#server) this.#server.close();
    else this.#socket.close();
  }
}
