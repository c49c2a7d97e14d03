import type * as pulumi from "@pulumi/pulumi";

type Provider = Required<Pick<pulumi.dynamic.ResourceProvider, "create" | "diff" | "update" | "delete">> &
  Pick<pulumi.dynamic.ResourceProvider, "check" | "read">;

/**
 * A dynamic provider that loads its code when a method is called.
 *
 * Pulumi serialises a dynamic provider into the stack's state. Of this one it stores only these few lines and the module's
 * path, so the stored text stays the same when the code changes, and the code may import whatever it likes. What must make
 * a resource run again when code changes is an input of that resource.
 *
 * @param modulePath module that exports `provider`, relative to the project's root, such as `./registry/promotion-provider.ts`
 */
export function lazyProvider(modulePath: string): pulumi.dynamic.ResourceProvider {
  const load = async (): Promise<Provider> => (await import(modulePath)).provider;
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
}
