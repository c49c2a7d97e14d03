/**
 * The interface of all providers.
 * @module
 */
import type { DetailedDiff } from "../properties/diff.ts";
import type { PropertyMap } from "../properties/value.ts";

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}
export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}
export interface DiffResult {
  readonly changes: "none" | "some" | "unknown";
  readonly replaceKeys: readonly string[];
  readonly changedKeys: readonly string[];
  readonly stableKeys: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly detailedDiff: DetailedDiff | undefined;
}
export const NO_DIFF: DiffResult = {
  changes: "none",
  replaceKeys: [],
  changedKeys: [],
  stableKeys: [],
  deleteBeforeReplace: false,
  detailedDiff: undefined,
};

export interface CheckRequest {
  readonly urn: string;
  readonly olds: PropertyMap | undefined;
  readonly news: PropertyMap;
  readonly preview: boolean;
}
export interface DiffRequest {
  readonly urn: string;
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly newInputs: PropertyMap;
  readonly unknowns: boolean;
  readonly ignoreChanges: readonly string[];
}
export interface CreateRequest {
  readonly urn: string;
  readonly inputs: PropertyMap;
  readonly preview: boolean;
  readonly timeout: number;
}
export interface UpdateRequest extends CreateRequest {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly ignoreChanges: readonly string[];
}
export interface ReadRequest {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly state: PropertyMap;
  readonly timeout: number;
}
export interface DeleteRequest {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly timeout: number;
}
export interface ReadResult {
  /** Empty if the resource no longer exists. */
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly inputs: PropertyMap | undefined;
}

export interface Provider {
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest): Promise<{ readonly id: string; readonly outputs: PropertyMap }>;
  update(request: UpdateRequest): Promise<{ readonly outputs: PropertyMap }>;
  read(request: ReadRequest): Promise<ReadResult>;
  delete(request: DeleteRequest): Promise<void>;
}

/** Thrown if the resource exists but its initialization failed. Its state is kept, with the reasons. */
export class InitError extends Error {
  override readonly name = "InitError";
  readonly reasons: readonly string[];
  readonly result: ReadResult;
  constructor(reasons: readonly string[], result: ReadResult) {
    super(
      reasons.length === 0
        ? "resource init failed"
        : `${reasons.length} error${reasons.length === 1 ? "" : "s"} occurred:\n${reasons.map((r) => `\t* ${r}\n`).join("")}\n`,
    );
    this.reasons = reasons;
    this.result = result;
  }
}

/** Checks the inputs of a resource with exactly one property, which is required. */
export function checkOnlyProperty(news: PropertyMap, name: string): { property: string; reason: string }[] {
  const failures = Object.keys(news)
    .filter((key) => key !== name)
    .map((property) => ({ property, reason: `unknown property "${property}"` }));
  if (news[name] === undefined) failures.push({ property: name, reason: `missing required property "${name}"` });
  return failures;
}
