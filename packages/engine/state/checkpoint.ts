/**
 * Reads a stack's checkpoint file. Validates it strictly, because its contents decide what is deleted.
 * @module
 */
import { createHash } from "node:crypto";
import { messageOf, UserError } from "../failure.ts";
import type { Json } from "../properties/stored.ts";
import type { OperationType, PendingOperation, ResourceState } from "../resources/state.ts";
import type { Crypter } from "../secrets/crypter.ts";
import { findIntegrityProblem } from "./integrity.ts";
import { type JsonMap, restoreResource } from "./stored-resource.ts";

/** A deployment as stored, before its resources are parsed. */
export interface RawDeployment {
  readonly resources: readonly Json[];
  readonly pendingOperations: readonly Json[];
  /** The passphrase state (`v1:salt:probe`) with which its secrets are encrypted. */
  readonly salt: string | undefined;
}
export interface Snapshot {
  readonly resources: ResourceState[];
  readonly pendingOperations: PendingOperation[];
}
export const EMPTY_DEPLOYMENT: RawDeployment = { resources: [], pendingOperations: [], salt: undefined };

const asMap = (json: Json | undefined, path: string): JsonMap => {
  if (json === null || typeof json !== "object" || Array.isArray(json)) throw new Error(`${path} is not an object`);
  return json;
};
const asList = (json: Json | undefined, path: string): Json[] => {
  if (json === undefined || json === null) return [];
  if (!Array.isArray(json)) throw new Error(`${path} is not a list`);
  return json;
};

/** Supported features of schema 4. */
const KNOWN_FEATURES = new Set(["refreshBeforeUpdate", "taint", "replaceWith"]);

export function checkVersion(version: Json | undefined, features: Json | undefined): void {
  if (version !== 3 && version !== 4)
    throw new Error(`version ${JSON.stringify(version)} is not supported (3 and 4 are)`);
  const foreign = asList(features, "features").filter((feature) => !KNOWN_FEATURES.has(String(feature)));
  if (foreign.length > 0) throw new Error(`it uses ${foreign.join(", ")}, which requires the Pulumi CLI`);
}

/** Parses a checkpoint file. @throws UserError that names the file and the position */
export function parseCheckpoint(text: string, file: string): RawDeployment {
  try {
    const outer = asMap(JSON.parse(text) as Json, "the checkpoint");
    checkVersion(outer.version, outer.features);
    const checkpoint = asMap(outer.checkpoint, "checkpoint");
    if (checkpoint.latest === undefined || checkpoint.latest === null) return EMPTY_DEPLOYMENT;
    return readDeployment(asMap(checkpoint.latest, "checkpoint.latest"), "checkpoint.latest");
  } catch (error) {
    throw damaged(file, error);
  }
}

const damaged = (file: string, error: unknown) =>
  new UserError(`the checkpoint ${file} cannot be used: ${messageOf(error)}. It was not changed.`, {
    cause: error,
  });

export function readDeployment(latest: JsonMap, path: string): RawDeployment {
  const manifest = latest.manifest === undefined ? {} : asMap(latest.manifest, `${path}.manifest`);
  const { version, magic } = manifest;
  if (typeof version === "string" && typeof magic === "string" && magic !== "" && magic !== magicOf(version))
    throw new Error(`${path}.manifest: magic cookie mismatch; possible tampering or corruption`);
  return {
    resources: asList(latest.resources, `${path}.resources`),
    pendingOperations: asList(latest.pending_operations, `${path}.pending_operations`),
    salt: saltOf(latest.secrets_providers, path),
  };
}

function saltOf(json: Json | undefined, path: string): string | undefined {
  if (json === undefined || json === null) return undefined;
  const { type, state } = asMap(json, `${path}.secrets_providers`);
  if (type !== "passphrase" && type !== "" && type !== undefined)
    throw new Error(
      `its secrets provider is "${String(type)}", which requires the Pulumi CLI ("passphrase" is built in)`,
    );
  if (state === undefined || state === null) return undefined;
  const { salt } = asMap(state, `${path}.secrets_providers.state`);
  if (typeof salt !== "string") throw new Error(`${path}.secrets_providers.state.salt is not a string`);
  return salt;
}

/** Parses the resources. @param crypter called only if there is something to decrypt */
export function restoreSnapshot(raw: RawDeployment, crypter: () => Crypter, file: string): Snapshot {
  const at = <T>(path: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw damaged(file, new Error(`${path} ${messageOf(error)}`, { cause: error }));
    }
  };
  const resources = raw.resources.map((entry, i) => at(`resources[${i}]`, () => restoreResource(entry, crypter)));
  const pendingOperations = raw.pendingOperations.map((entry, i) =>
    at(`pending_operations[${i}]`, (): PendingOperation => {
      const { resource, type } = asMap(entry, "it");
      return { resource: restoreResource(resource ?? null, crypter), type: String(type) as OperationType };
    }),
  );
  const problem = findIntegrityProblem(resources);
  if (problem !== undefined) throw damaged(file, new Error(`snapshot integrity failure: ${problem}`));
  return { resources, pendingOperations };
}

const magicOf = (version: string): string => createHash("sha256").update(version).digest("hex");

export const manifest = (): JsonMap => ({
  time: new Date().toISOString(),
  magic: magicOf(PULUMI_VERSION),
  version: PULUMI_VERSION,
});

/**
 * The release of the Pulumi CLI whose behaviour and file formats this engine follows. It is written to checkpoints, as
 * the CLI writes its own version.
 */
export const PULUMI_VERSION = "v3.255.0";
