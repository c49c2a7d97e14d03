import * as pulumi from "@pulumi/pulumi";
import { ownModule } from "./own-package.ts";
import { storedProvider } from "./stored-provider.ts";

/**
 * A dynamic resource whose provider is a module of this project, loaded when one of its methods is called.
 *
 * `pulumi.dynamic.Resource` stores a provider as the text that its closure serialiser produces instead. That text depends on
 * how Node prints functions, so another Node version would replace every resource. Producing it also starts an inspector and
 * the TypeScript compiler on every `up`.
 */
export abstract class LazyResource extends pulumi.CustomResource {
  /**
   * @param type name of the resource's class
   * @param modulePath module that exports `provider`, relative to the project's root, such as `./registry/promotion-provider.ts`
   * @param props inputs, plus the name of each output with the value undefined
   */
  constructor(type: string, modulePath: string, name: string, props: object, opts?: pulumi.CustomResourceOptions) {
    const __provider = storedProvider(ownModule(modulePath));
    super(`pulumi-nodejs:dynamic/promotion:${type}`, name, { ...props, __provider }, opts);
  }
}
