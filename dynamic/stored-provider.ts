import type * as pulumi from "@pulumi/pulumi";

/** Type of a provider module's export `provider`. */
export type LazyProvider = Required<Pick<pulumi.dynamic.ResourceProvider, "create" | "diff" | "update" | "delete">> &
  Pick<pulumi.dynamic.ResourceProvider, "check" | "read">;

/**
 * Returns the text that a dynamic resource stores for its provider in the stack's state: the source of a CommonJS module whose
 * `handler` returns the provider. Pulumi's dynamic provider (`@pulumi/pulumi/cmd/dynamic-provider`) evaluates it in the folder of the
 * Pulumi program.
 *
 * Evaluating the text starts loading the module. The first call reports a module that cannot be loaded.
 *
 * The text contains the module's path and none of its code. It therefore stays the same when the code changes, and the code may
 * import anything. A resource that must run again when code changes has an input for that.
 *
 * @param module specifier of a module that exports `provider`, importable from the folder of the Pulumi program: see ownModule
 */
export const storedProvider = (module: string): string => `exports.handler = () => {
  const loading = import(${JSON.stringify(module)});
  loading.catch(() => {});
  const load = async () => (await loading).provider;
  return {
    check: async (olds, news) => {
      const { check } = await load();
      return check ? check(olds, news) : { inputs: news };
    },
    diff: async (id, olds, news) => (await load()).diff(id, olds, news),
    create: async (inputs) => (await load()).create(inputs),
    update: async (id, olds, news) => (await load()).update(id, olds, news),
    read: async (id, props) => {
      const { read } = await load();
      return read ? read(id, props) : { id, props };
    },
    delete: async (id, props) => (await load()).delete(id, props),
  };
};
`;
