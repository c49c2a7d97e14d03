/**
 * Dynamic resources, in a process of their own. The process knows no secrets: they are taken off on the way there,
 * and put back on the way home wherever a property of the same name was secret.
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

/** Marks what comes back as secret where what went there was. */
export function annotateSecrets(outs: PropertyMap, ins: PropertyMap): PropertyMap {
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
/** As if it had come by gRPC: what no struct can hold is refused. */
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
interface Made {
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

  /** @param ins the inputs with their secrets, which mask the outputs that an error carries */
  async #call<Answer>(method: Method, args: object, ins: PropertyMap = {}): Promise<Answer> {
    await this.#configured;
    try {
      return (await this.#process.call(method, args)) as Answer;
    } catch (error) {
      if (!(error instanceof ProviderError) || !error.told.partial) throw error;
      const { id, properties, reasons } = error.told.partial;
      const outputs = annotateSecrets(known(fromPlain(properties)), ins);
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
    // The process does not take part in previews: what will be asked for is the best guess of what will be.
    if (preview) return { id: "", outputs: inputs };
    const made = await this.#call<Made>("create", { props: toPlain(inputs, {}) }, inputs);
    const id = idOf(made);
    if (id === "") throw new Error(`plugin returned empty resource.ID from create '${urn}'`);
    return { id, outputs: annotateSecrets(known(fromPlain(made.outs)), inputs) };
  }

  async update({ id, oldOutputs, inputs, preview }: UpdateRequest): Promise<{ outputs: PropertyMap }> {
    if (preview) return { outputs: inputs };
    const args = { id, olds: toPlain(oldOutputs, {}), news: toPlain(inputs, {}) };
    const { outs } = await this.#call<Made>("update", args, inputs);
    return { outputs: annotateSecrets(known(fromPlain(outs)), inputs) };
  }

  async read({ id, inputs, state }: ReadRequest): Promise<ReadResult> {
    // A resource that the program only reads has inputs and no state yet.
    const given = Object.keys(state).length > 0 ? state : inputs;
    const found = await this.#call<Read>("read", { id, props: toPlain(given, {}) });
    return {
      id: idOf(found),
      outputs: annotateSecrets(known(fromPlain(found.props)), state),
      inputs: found.inputs === undefined ? undefined : annotateSecrets(known(fromPlain(found.inputs)), inputs),
    };
  }

  async delete({ id, outputs }: DeleteRequest): Promise<void> {
    await this.#call("delete", { id, props: toPlain(outputs, {}) });
  }
}

/** Outside of a preview nothing may be unknown. */
function known(map: PropertyMap): PropertyMap {
  const culprit = Object.entries(map).find(([, value]) => value instanceof Unknown || containsUnknowns(value));
  if (culprit) throw new Error(`unexpected unknown property value for "${culprit[0]}"`);
  return map;
}
