import type * as pulumi from "@pulumi/pulumi";

/** What a provider's module exports as `provider`. */
export type LazyProvider = Required<Pick<pulumi.dynamic.ResourceProvider, "create" | "diff" | "update" | "delete">> &
  Pick<pulumi.dynamic.ResourceProvider, "check" | "read">;

/**
 * What a dynamic resource keeps of its provider in the stack's state: the source text of a CommonJS module whose `handler`
 * answers the provider. Pulumi's dynamic provider evaluates it, in the folder of the Pulumi program
 * (`@pulumi/pulumi/cmd/dynamic-provider`).
 *
 * The module is on its way as soon as the text is evaluated; the first call reports a module that cannot be loaded.
 *
 * The text holds the module's path and none of its code, so it stays the same when the code changes, and the code may import
 * whatever it likes. What must make a resource run again when code changes is an input of that resource.
 *
 * @param module exports `provider`; what `import()` finds it by in the folder of the Pulumi program: see ownModule
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
