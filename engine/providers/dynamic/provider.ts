/**
 * Dynamic resources, through the SDK's provider process. The process knows no secrets: they are taken off on the way there,
 * and put back on the way home wherever a property of the same name was secret.
 * @module
 */
import type { Client, ServiceError } from "@grpc/grpc-js";
import { failsLater } from "../../failure.ts";
import { CHANNEL_OPTIONS, grpc, providerServices, providers } from "../../monitor/protocol.ts";
import { isMap, makeSecret, type PropertyMap, Secret, Unknown } from "../../properties/value.ts";
import { containsSecrets, containsUnknowns } from "../../properties/walk.ts";
import { fromWire, toWire } from "../../properties/wire.ts";
import { nameOf, typeOf } from "../../resources/urn.ts";
import {
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
import { decodeError } from "./error.ts";

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

type Rpc = "configure" | "check" | "diff" | "create" | "update" | "read" | "delete";
interface Named {
  setUrn(urn: string): unknown;
  setName(name: string): unknown;
  setType(type: string): unknown;
}

export class DynamicProvider implements Provider {
  readonly #client: Promise<Client>;
  readonly #configured: Promise<unknown>;

  constructor(address: Promise<string>, config: PropertyMap) {
    this.#client = address.then(
      (at) =>
        new (providerServices().ResourceProviderClient)(
          at,
          grpc().credentials.createInsecure(),
          CHANNEL_OPTIONS,
        ) as unknown as Client,
    );
    const request = new (providers().ConfigureRequest)();
    request.setArgs(toWire(config, { secrets: true, unknowns: true, resources: true }));
    this.#configured = this.#call("configure", request, false);
    failsLater(this.#configured);
  }

  async #call<Response>(rpc: Rpc, request: object, afterConfigure = true): Promise<Response> {
    const client = await this.#client;
    if (afterConfigure) await this.#configured;
    return new Promise<Response>((resolve, reject) => {
      const method = Reflect.get(client, rpc) as (
        request: object,
        callback: (error: ServiceError | null, response: Response) => void,
      ) => void;
      method.call(client, request, (error, response) => (error ? reject(decodeError(error)) : resolve(response)));
    });
  }

  /** What a resource that was made and did not come up says of itself holds the same secrets as its inputs. */
  async #make<Response>(rpc: "create" | "update", request: object, inputs: PropertyMap): Promise<Response> {
    try {
      return await this.#call<Response>(rpc, request);
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      const outputs = annotateSecrets(known(error.result.outputs), inputs);
      throw new InitError(error.reasons, { ...error.result, outputs });
    }
  }

  #named<T extends Named>(request: T, urn: string): T {
    request.setUrn(urn);
    request.setName(nameOf(urn));
    request.setType(typeOf(urn));
    return request;
  }

  async check({ urn, olds, news, preview }: CheckRequest): Promise<CheckResult> {
    const request = this.#named(new (providers().CheckRequest)(), urn);
    request.setOlds(toWire(olds ?? {}, { unknowns: preview }));
    request.setNews(toWire(news, { unknowns: preview }));
    const response = await this.#call<InstanceType<ReturnType<typeof providers>["CheckResponse"]>>("check", request);
    const failures = response.getFailuresList().map((f) => ({ property: f.getProperty(), reason: f.getReason() }));
    return { inputs: annotateSecrets(fromWire(response.getInputs()), news), failures };
  }

  async diff({ urn, id, oldInputs, oldOutputs, newInputs, unknowns, ignoreChanges }: DiffRequest): Promise<DiffResult> {
    const request = this.#named(new (providers().DiffRequest)(), urn);
    request.setId(id);
    request.setOldInputs(toWire(oldInputs, { unknowns }));
    request.setOlds(toWire(oldOutputs, { unknowns }));
    request.setNews(toWire(newInputs, { unknowns }));
    request.setIgnorechangesList([...ignoreChanges]);
    const response = await this.#call<InstanceType<ReturnType<typeof providers>["DiffResponse"]>>("diff", request);
    const { DiffChanges } = providers().DiffResponse;
    const changes = response.getChanges();
    return {
      ...NO_DIFF,
      changes: changes === DiffChanges.DIFF_NONE ? "none" : changes === DiffChanges.DIFF_SOME ? "some" : "unknown",
      replaceKeys: response.getReplacesList(),
      changedKeys: response.getDiffsList(),
      stableKeys: response.getStablesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  async create({ urn, inputs, preview, timeout }: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    // The process does not take part in previews: what will be asked for is the best guess of what will be.
    if (preview) return { id: "", outputs: inputs };
    const request = this.#named(new (providers().CreateRequest)(), urn);
    request.setProperties(toWire(inputs, {}));
    request.setTimeout(timeout);
    const response = await this.#make<InstanceType<ReturnType<typeof providers>["CreateResponse"]>>(
      "create",
      request,
      inputs,
    );
    if (response.getId() === "") throw new Error(`plugin returned empty resource.ID from create '${urn}'`);
    return { id: response.getId(), outputs: annotateSecrets(known(fromWire(response.getProperties())), inputs) };
  }

  async update(update: UpdateRequest): Promise<{ outputs: PropertyMap }> {
    const { urn, id, oldInputs, oldOutputs, inputs, preview, timeout, ignoreChanges } = update;
    if (preview) return { outputs: inputs };
    const request = this.#named(new (providers().UpdateRequest)(), urn);
    request.setId(id);
    request.setOldInputs(toWire(oldInputs, {}));
    request.setOlds(toWire(oldOutputs, {}));
    request.setNews(toWire(inputs, {}));
    request.setTimeout(timeout);
    request.setIgnorechangesList([...ignoreChanges]);
    const response = await this.#make<InstanceType<ReturnType<typeof providers>["UpdateResponse"]>>(
      "update",
      request,
      inputs,
    );
    return { outputs: annotateSecrets(known(fromWire(response.getProperties())), inputs) };
  }

  async read({ urn, id, inputs, state, timeout }: ReadRequest): Promise<ReadResult> {
    const request = this.#named(new (providers().ReadRequest)(), urn);
    request.setId(id);
    request.setInputs(toWire(inputs, {}));
    request.setProperties(toWire(state, {}));
    request.setTimeout(timeout);
    const response = await this.#call<InstanceType<ReturnType<typeof providers>["ReadResponse"]>>("read", request);
    const live = response.getInputs();
    return {
      id: response.getId(),
      outputs: annotateSecrets(known(fromWire(response.getProperties())), state),
      inputs: live && annotateSecrets(known(fromWire(live)), inputs),
    };
  }

  async delete({ urn, id, inputs, outputs, timeout }: DeleteRequest): Promise<void> {
    const request = this.#named(new (providers().DeleteRequest)(), urn);
    request.setId(id);
    request.setOldInputs(toWire(inputs, {}));
    request.setProperties(toWire(outputs, {}));
    request.setTimeout(timeout);
    await this.#call("delete", request);
  }

  async close(): Promise<void> {
    const client = await this.#client.catch(() => undefined);
    client?.close();
  }
}

/** Outside of a preview nothing may be unknown. */
function known(map: PropertyMap): PropertyMap {
  const culprit = Object.entries(map).find(([, value]) => value instanceof Unknown || containsUnknowns(value));
  if (culprit) throw new Error(`unexpected unknown property value for "${culprit[0]}"`);
  return map;
}
