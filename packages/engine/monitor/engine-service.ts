/**
 * The engine service: log messages of the SDK, and the root resource.
 * @module
 */
import type { LogRequest, SetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import type { Observer, Severity } from "../deployment/events.ts";
import { empties, engines } from "./protocol.ts";
import type { Handlers } from "./server.ts";

const SEVERITIES: readonly Severity[] = ["debug", "info", "warning", "error"];

export function engineHandlers(observer: Observer): Handlers {
  let root = "";
  return {
    log: (request: LogRequest) => {
      observer.diagnostic({
        urn: request.getUrn(),
        severity: SEVERITIES[request.getSeverity()] ?? "info",
        message: request.getMessage(),
        ephemeral: request.getEphemeral(),
      });
      return new (empties().Empty)();
    },
    getRootResource: () => {
      const response = new (engines().GetRootResourceResponse)();
      response.setUrn(root);
      return response;
    },
    setRootResource: (request: SetRootResourceRequest) => {
      root = request.getUrn();
      return new (engines().SetRootResourceResponse)();
    },
    requirePulumiVersion: () => new (engines().RequirePulumiVersionResponse)(),
  };
}
