/**
 * Decodes a registration request to a goal.
 * @module
 */
import type { Alias as WireAlias } from "@pulumi/pulumi/proto/alias_pb.js";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { needsPulumiCli, UserError } from "../failure.ts";
import { parsePath } from "../properties/path.ts";
import type { PropertyMap } from "../properties/value.ts";
import { downgradeOutputs, outputDependencies, rewriteMap } from "../properties/walk.ts";
import { fromWire, valueFromWire } from "../properties/wire.ts";
import type { Alias, Goal } from "../resources/goal.ts";
import type { CustomTimeouts } from "../resources/state.ts";
import { sourcePosition, stackTrace } from "./source-position.ts";

function alias(raw: WireAlias, isSpecified: boolean): Alias {
  const spec = raw.getSpec();
  if (!spec) return { urn: raw.getUrn() };
  const base = { name: spec.getName(), type: spec.getType(), stack: spec.getStack(), project: spec.getProject() };
  const parent = spec.getParenturn();
  const noParent = spec.getNoparent();
  if (parent !== "") return { ...base, parent };
  // SDKs that do not declare well-specified aliases swap the two cases without a parent.
  return { ...base, noParent: isSpecified ? noParent : !noParent };
}

function timeouts(request: RegisterResourceRequest): CustomTimeouts | undefined {
  const raw = request.getCustomtimeouts();
  if (!raw) return undefined;
  const given = { create: raw.getCreate(), update: raw.getUpdate(), delete: raw.getDelete(), read: raw.getRead() };
  const entries = Object.entries(given).filter(([, text]) => text !== "");
  return entries.length === 0
    ? undefined
    : Object.fromEntries(entries.map(([key, text]) => [key, parseDuration(text)]));
}

/** Rejects unsupported options, which would change the result. */
function rejectUnsupported(request: RegisterResourceRequest): void {
  const name = `resource ${request.getName()}`;
  if (request.getRemote()) throw needsPulumiCli(`A remote component (${request.getType()}, ${name})`);
  if (request.getImportid() !== "") throw needsPulumiCli(`The option "import" (${name})`);
  if (request.getTransformsList().length > 0) throw needsPulumiCli(`The option "transforms" (${name})`);
  if (request.getPackageref() !== "") throw needsPulumiCli(`A parameterized package (${name})`);
  const hooks = request.getHooks()?.toObject();
  if (hooks && Object.values(hooks).some((list) => list.length > 0))
    throw needsPulumiCli(`The option "hooks" (${name})`);
  if (request.getStateMigrationsList().length > 0) throw needsPulumiCli(`The option "stateMigrations" (${name})`);
}

export function decodeGoal(request: RegisterResourceRequest, root: string): Goal {
  rejectUnsupported(request);
  const raw = fromWire(request.getObject(), root);
  const dependencies = [...new Set(request.getDependenciesList())];
  const type = request.getType();
  const trigger = request.getReplacementTrigger();
  return {
    type,
    name: request.getName(),
    custom: request.getCustom(),
    properties: downgradeOutputs(raw),
    parent: request.getParent(),
    protect: request.hasProtect() ? request.getProtect() : undefined,
    dependencies,
    provider: request.getProvider(),
    propertyDependencies: propertyDependencies(request, raw, dependencies),
    deleteBeforeReplace:
      request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()
        ? request.getDeletebeforereplace()
        : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [
      ...request.getAliasurnsList().map((urn) => ({ urn })),
      ...request.getAliasesList().map((item) => alias(item, request.getAliasspecs())),
    ],
    customTimeouts: timeouts(request),
    replaceOnChanges: request.getReplaceonchangesList(),
    replacementTrigger: trigger
      ? (rewriteMap(downgradeOutputs({ trigger: valueFromWire(trigger, root) }), (v) => v).trigger ?? null)
      : null,
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    deletedWith: request.getDeletedwith(),
    replaceWith: request.getReplaceWithList(),
    hideDiff: request.getHidediffsList().map((text) => parsePath(text) ?? []),
    sourcePosition: sourcePosition(request.getSourceposition(), root),
    stackTrace: stackTrace(request.getStacktrace(), root),
  };
}

/** Returns the dependencies of each property. */
function propertyDependencies(
  request: RegisterResourceRequest,
  properties: PropertyMap,
  dependencies: readonly string[],
): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const map = request.getPropertydependenciesMap();
  if (map.getLength() === 0) for (const key of Object.keys(properties)) found[key] = [...dependencies];
  else for (const [key, list] of map.entries()) found[key] = [...new Set(list.getUrnsList())];
  for (const [key, value] of Object.entries(properties))
    found[key] = [...new Set([...(found[key] ?? []), ...outputDependencies(value)])];
  return found;
}

const UNITS: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Parses a duration in Go's format, such as `1h2m3.5s`, to seconds. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text)
    throw new UserError(`unable to parse customTimeout value "${text}" (like "90s" or "5m")`);
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ""] ?? 0), 0);
}
