/**
 * Errors of a provider process. A resource that was made but did not come up says so in the details of its error.
 * @module
 */
import type { ServiceError } from "@grpc/grpc-js";
import { providers, statuses } from "../../monitor/protocol.ts";
import { fromWire } from "../../properties/wire.ts";
import { InitError } from "../provider.ts";

const DETAILS = "grpc-status-details-bin";

export function decodeError(error: ServiceError): Error {
  const [details] = error.metadata?.get(DETAILS) ?? [];
  if (details instanceof Buffer) {
    const status = statuses().Status.deserializeBinary(new Uint8Array(details));
    for (const detail of status.getDetailsList()) {
      if (!detail.getTypeUrl().endsWith("pulumirpc.ErrorResourceInitFailed")) continue;
      const failed = providers().ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      return new InitError(failed.getReasonsList(), {
        id: failed.getId(),
        outputs: fromWire(failed.getProperties()),
        inputs: undefined,
      });
    }
  }
  return new Error(error.details || error.message, { cause: error });
}
