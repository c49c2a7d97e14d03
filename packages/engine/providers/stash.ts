/**
 * `pulumi:index:Stash`: a value kept in the state. Its output keeps the first input, even if the input changes.
 * @module
 */
import { randomUUID } from "node:crypto";
import { UserError } from "../failure.ts";
import type { PropertyMap } from "../properties/value.ts";
import { equal } from "../properties/walk.ts";
import {
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  checkOnlyProperty,
  type DiffRequest,
  type DiffResult,
  NO_DIFF,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "./provider.ts";

export class StashProvider implements Provider {
  async check({ news }: CheckRequest): Promise<CheckResult> {
    return { inputs: news, failures: checkOnlyProperty(news, "input") };
  }

  async diff({ oldInputs, newInputs }: DiffRequest): Promise<DiffResult> {
    if (equal(oldInputs.input ?? null, newInputs.input ?? null)) return NO_DIFF;
    return { ...NO_DIFF, changes: "some", changedKeys: ["input"] };
  }

  async create({ inputs, preview }: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    const input = inputs.input ?? null;
    return { id: preview ? "" : randomUUID(), outputs: { input, output: input } };
  }

  async update({ inputs, oldOutputs }: UpdateRequest): Promise<{ outputs: PropertyMap }> {
    return { outputs: { input: inputs.input ?? null, output: oldOutputs.output ?? null } };
  }

  async read({ id, inputs, state }: ReadRequest): Promise<ReadResult> {
    if (Object.keys(inputs).length === 0) throw new UserError("stash can not be imported");
    return { id, inputs, outputs: state };
  }

  async delete(): Promise<void> {
    // It exists only in the state.
  }
}
