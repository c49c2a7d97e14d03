/**
 * The built-in provider `pulumi`, with one implementation per type.
 * @module
 */
import { needsPulumiCli } from "../failure.ts";
import { typeOf } from "../resources/urn.ts";
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  Provider,
  ReadRequest,
  UpdateRequest,
} from "./provider.ts";
import { type ReadStackOutputs, StackReferenceProvider } from "./stack-reference.ts";
import { StashProvider } from "./stash.ts";

export class BuiltinProvider implements Provider {
  readonly #types: Readonly<Record<string, Provider>>;

  constructor(read: ReadStackOutputs) {
    this.#types = {
      "pulumi:pulumi:StackReference": new StackReferenceProvider(read),
      "pulumi:index:Stash": new StashProvider(),
    };
  }

  #of({ urn }: { readonly urn: string }): Provider {
    const provider = this.#types[typeOf(urn)];
    if (!provider) throw needsPulumiCli(`The resource type ${typeOf(urn)}`);
    return provider;
  }

  check = async (request: CheckRequest) => this.#of(request).check(request);
  diff = async (request: DiffRequest) => this.#of(request).diff(request);
  create = async (request: CreateRequest) => this.#of(request).create(request);
  update = async (request: UpdateRequest) => this.#of(request).update(request);
  read = async (request: ReadRequest) => this.#of(request).read(request);
  delete = async (request: DeleteRequest) => this.#of(request).delete(request);
}
