/**
 * `pulumi:pulumi:StackReference`: the outputs of another stack in the same backend.
 * @module
 */
import { randomUUID } from "node:crypto";
import { UserError } from "../failure.ts";
import { type PropertyMap, Unknown } from "../properties/value.ts";
import { containsSecrets, equal } from "../properties/walk.ts";
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
} from "./provider.ts";

/** Reads the outputs of a stack. @throws if it does not exist */
export type ReadStackOutputs = (name: string) => Promise<PropertyMap>;

export async function readStackReference(name: string, read: ReadStackOutputs): Promise<PropertyMap> {
  const outputs = await read(name);
  const secretOutputNames = Object.keys(outputs)
    .filter((key) => containsSecrets(outputs[key] ?? null))
    .sort();
  return { name, outputs, secretOutputNames };
}

export class StackReferenceProvider implements Provider {
  readonly #read: ReadStackOutputs;
  constructor(read: ReadStackOutputs) {
    this.#read = read;
  }

  async check({ news }: CheckRequest): Promise<CheckResult> {
    const failures = checkOnlyProperty(news, "name");
    if (news.name !== undefined && typeof news.name !== "string" && !(news.name instanceof Unknown))
      failures.push({ property: "name", reason: 'property "name" must be a string' });
    return { inputs: news, failures };
  }

  async diff({ oldInputs, newInputs }: DiffRequest): Promise<DiffResult> {
    if (equal(oldInputs.name, newInputs.name)) return NO_DIFF;
    return { ...NO_DIFF, changes: "some", replaceKeys: ["name"] };
  }

  async create({ inputs, preview }: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    const outputs = await readStackReference(String(inputs.name), this.#read);
    return { id: preview ? "" : randomUUID(), outputs };
  }

  update(): Promise<{ outputs: PropertyMap }> {
    return Promise.reject(new Error("a stack reference is replaced, never updated"));
  }

  async read({ id, inputs, state }: ReadRequest): Promise<ReadResult> {
    if (inputs.name === undefined) throw new UserError("stack reference can not be imported");
    return { id, inputs, outputs: await readStackReference(String(state.name ?? inputs.name), this.#read) };
  }

  async delete(): Promise<void> {
    // There is nothing to delete.
  }
}
