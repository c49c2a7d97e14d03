/**
 * The SDK's stubs of Pulumi's gRPC protocol, loaded on first use, after the program has been started.
 * @module
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const lazily = <T>(name: string) => {
  let loaded: T | undefined;
  return (): T => {
    loaded ??= require(name) as T;
    return loaded;
  };
};

export const grpc = lazily<typeof import("@grpc/grpc-js")>("@grpc/grpc-js");
export const structs = lazily<typeof import("google-protobuf/google/protobuf/struct_pb.js")>(
  "google-protobuf/google/protobuf/struct_pb.js",
);
export const empties = lazily<typeof import("google-protobuf/google/protobuf/empty_pb.js")>(
  "google-protobuf/google/protobuf/empty_pb.js",
);
export const resources = lazily<typeof import("@pulumi/pulumi/proto/resource_pb.js")>(
  "@pulumi/pulumi/proto/resource_pb.js",
);
export const resourceServices = lazily<typeof import("@pulumi/pulumi/proto/resource_grpc_pb.js")>(
  "@pulumi/pulumi/proto/resource_grpc_pb.js",
);
export const engines = lazily<typeof import("@pulumi/pulumi/proto/engine_pb.js")>("@pulumi/pulumi/proto/engine_pb.js");
export const engineServices = lazily<typeof import("@pulumi/pulumi/proto/engine_grpc_pb.js")>(
  "@pulumi/pulumi/proto/engine_grpc_pb.js",
);
export const providers = lazily<typeof import("@pulumi/pulumi/proto/provider_pb.js")>(
  "@pulumi/pulumi/proto/provider_pb.js",
);

/** Raises gRPC's default limit of 4 MB, as the CLI does, because values can be large. */
export const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": -1,
  // The other end is on this machine, so a proxy from the environment must not be used.
  "grpc.enable_http_proxy": 0,
};

/**
 * Features that the SDK may use: their names in the protocol's enumeration, by the old string ids. Only supported ones are
 * announced; the SDK reports the others as unavailable.
 */
export const FEATURES: Readonly<Record<string, string>> = {
  secrets: "RESOURCE_MONITOR_FEATURE_SECRETS",
  resourceReferences: "RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES",
  outputValues: "RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES",
  aliasSpecs: "RESOURCE_MONITOR_FEATURE_ALIAS_SPECS",
  deletedWith: "RESOURCE_MONITOR_FEATURE_DELETED_WITH",
  replaceWith: "RESOURCE_MONITOR_FEATURE_REPLACE_WITH",
  replacementTrigger: "RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER",
};
