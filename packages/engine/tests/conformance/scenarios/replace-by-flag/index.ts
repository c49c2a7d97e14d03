import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
class Box extends pulumi.ComponentResource {
  constructor(name: string) {
    super("conformance:index:Box", name, {});
    new Thing("inner", { label: "inner", size: variant }, { parent: this });
    this.registerOutputs({});
  }
}
const a = new Thing("a", { label: "alpha", size: variant });
const b = new Thing("b", { label: a.address });
const c = new Thing("c", { label: "cee" }, { dependsOn: a });
// The provider asks for delete-before-replace; the option asks for it, too.
const provider = new Thing("provider-dbr", { label: "provider-dbr", exclusive: true });
const option = new Thing("option-dbr", { label: "option-dbr" }, { deleteBeforeReplace: true });
const leans = new Thing("leans", { label: "leans", kind: option.address });
const against = new Thing("against", { label: "against", exclusive: true }, { deleteBeforeReplace: false });
const ignored = new Thing("ignored", { label: variant === 1 ? "changed" : "ignored" }, { ignoreChanges: ["label"] });
if (variant >= 1) new Thing("fresh", { label: "fresh" });
new Box("box");
// Comes last, so that what is done before it is refused does not depend on the order of things that know nothing of each other.
const all = [a, b, c, provider, option, leans, against, ignored];
new Thing("protected", { label: "protected" }, { protect: true, dependsOn: all });
