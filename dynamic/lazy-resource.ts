import * as pulumi from "@pulumi/pulumi";
import { ownModule } from "./own-package.ts";
import { storedProvider } from "./stored-provider.ts";

/**
 * A dynamic resource whose provider is a module of this project, loaded when one of its methods is called.
 *
 * `pulumi.dynamic.Resource` does the same with the text that its closure serialiser makes of an object. That text follows
 * how Node prints functions, so another Node would replace every resource, and making it costs each `up` the start of an
 * inspector and of the TypeScript compiler.
 */
export abstract class LazyResource extends pulumi.CustomResource {
  /**
   * @param type name of the resource's class
   * @param modulePath module that exports `provider`, relative to the project's root, such as `./registry/promotion-provider.ts`
   * @param props inputs, and the names of the outputs with undefined as value
   */
  constructor(type: string, modulePath: string, name: string, props: object, opts?: pulumi.CustomResourceOptions) {
    const __provider = storedProvider(ownModule(modulePath));
    super(`pulumi-nodejs:dynamic/promotion:${type}`, name, { ...props, __provider }, opts);
  }
}
