/**
 * Dynamic resources, in a separate process. Secrets are unwrapped for the process, and outputs are marked secret again if an input
 * of the same name was.
 * @module
 */
import { failsLater } from "../../failure.ts";
import { structs } from "../../monitor/protocol.ts";
import { isMap, makeSecret, type PropertyMap, Secret, Unknown } from "../../properties/value.ts";
import { containsSecrets, containsUnknowns } from "../../properties/walk.ts";
import { fromWire, toWire, type WireOptions } from "../../properties/wire.ts";
import {
  type CheckFailure,
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  InitError,
  NO_DIFF,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "../provider.ts";
import { type DynamicProcess, type Method, ProviderError } from "./process.ts";

/** Marks outputs as secret if the input of the same name was. */
function annotateSecrets(outs: PropertyMap, ins: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(outs).map(([key, out]) => {
      const input = Object.hasOwn(ins, key) ? ins[key] : undefined;
      if (input === undefined) return [key, out];
      if (isMap(out) && isMap(input)) return [key, annotateSecrets(out, input)];
      return [key, !(out instanceof Secret) && containsSecrets(input) ? makeSecret(out) : out];
    }),
  );
}

const toPlain = (map: PropertyMap, options: WireOptions): object => toWire(map, options).toJavaScript();
/** Converts through a struct, like gRPC, so that unsupported values are rejected. */
const fromPlain = (answer: unknown): PropertyMap => fromWire(structs().Struct.fromJavaScript((answer ?? {}) as never));
const idOf = (answer: { readonly id?: unknown }): string => (typeof answer.id === "string" ? answer.id : "");

interface Checked {
  readonly inputs: unknown;
  readonly failures: readonly CheckFailure[];
}
interface Diffed {
  readonly changes?: unknown;
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: unknown;
}
interface Created {
  readonly id?: unknown;
  readonly outs?: unknown;
}
interface Read {
  readonly id?: unknown;
  readonly props?: unknown;
  readonly inputs?: unknown;
}

export class DynamicProvider implements Provider {
  readonly #process: DynamicProcess;
  readonly #configured: Promise<unknown>;

  constructor(dynamic: DynamicProcess, config: PropertyMap) {
    this.#process = dynamic;
    this.#configured = dynamic.call("configure", { config: toPlain(config, { unknowns: true }) });
    failsLater(this.#configured);
  }

  /** Calls the process. @param ins the inputs, whose secrets are marked in the outputs of a partial failure */
  async #call<Answer>(method: Method, args: object, ins: PropertyMap = {}): Promise<Answer> {
    await this.#configured;
    try {
      return (await this.#process.call(method, args)) as Answer;
    } catch (error) {
      if (!(error instanceof ProviderError) || !error.reported.partial) throw error;
      const { id, properties, reasons } = error.reported.partial;
      const outputs = annotateSecrets(requireKnown(fromPlain(properties)), ins);
      throw new InitError(reasons, { id, outputs, inputs: undefined });
    }
  }

  async check({ olds, news, preview }: CheckRequest): Promise<CheckResult> {
    const { inputs, failures } = await this.#call<Checked>("check", {
      olds: toPlain(olds ?? {}, { unknowns: preview }),
      news: toPlain(news, { unknowns: preview }),
    });
    return { inputs: annotateSecrets(fromPlain(inputs), news), failures };
  }

  async diff({ id, oldOutputs, newInputs, unknowns }: DiffRequest): Promise<DiffResult> {
    const { changes, replaces, deleteBeforeReplace } = await this.#call<Diffed>("diff", {
      id,
      olds: toPlain(oldOutputs, { unknowns }),
      news: toPlain(newInputs, { unknowns }),
    });
    return {
      ...NO_DIFF,
      changes: changes === true ? "some" : changes === false ? "none" : "unknown",
      replaceKeys: replaces ?? [],
      deleteBeforeReplace: Boolean(deleteBeforeReplace),
    };
  }

  async create({ urn, inputs, preview }: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    // The process is not called in previews: the inputs are the best prediction of the outputs.
    if (preview) return { id: "", outputs: inputs };
    const created = await this.#call<Created>("create", { props: toPlain(inputs, {}) }, inputs);
    const id = idOf(created);
    if (id === "") throw new Error(`plugin returned empty resource.ID from create '${urn}'`);
    return { id, outputs: annotateSecrets(requireKnown(fromPlain(created.outs)), inputs) };
  }

  async update({ id, oldOutputs, inputs, preview }: UpdateRequest): Promise<{ outputs: PropertyMap }> {
    if (preview) return { outputs: inputs };
    const args = { id, olds: toPlain(oldOutputs, {}), news: toPlain(inputs, {}) };
    const { outs } = await this.#call<Created>("update", args, inputs);
    return { outputs: annotateSecrets(requireKnown(fromPlain(outs)), inputs) };
  }

  async read({ id, inputs, state }: ReadRequest): Promise<ReadResult> {
    // A resource that the program only reads has inputs but no state yet.
    const given = Object.keys(state).length > 0 ? state : inputs;
    const found = await this.#call<Read>("read", { id, props: toPlain(given, {}) });
    return {
      id: idOf(found),
      outputs: annotateSecrets(requireKnown(fromPlain(found.props)), state),
      inputs: found.inputs === undefined ? undefined : annotateSecrets(requireKnown(fromPlain(found.inputs)), inputs),
    };
  }

  async delete({ id, outputs }: DeleteRequest): Promise<void> {
    await this.#call("delete", { id, props: toPlain(outputs, {}) });
  }
}

/** Returns the map. @throws Error if it contains an unknown, which is valid only in a preview */
function requireKnown(map: PropertyMap): PropertyMap {
  const unknown = Object.entries(map).find(([, value]) => value instanceof Unknown || containsUnknowns(value));
  if (unknown) throw new Error(`unexpected unknown property value for "${unknown[0]}"`);
  return map;
}
