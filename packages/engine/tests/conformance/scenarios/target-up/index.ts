import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
class Box extends pulumi.ComponentResource {
  constructor(name: string) {
    super("conformance:index:Box", name, { size: variant });
    new Thing("inner", { label: "inner", size: variant }, { parent: this });
    this.registerOutputs({ size: variant });
  }
}
const a = new Thing("a", { label: "alpha", size: variant });
const b = new Thing("b", { label: a.address, size: variant });
const c = new Thing("c", { label: b.address, size: variant });
new Thing("d", { label: "dee", size: variant, kind: `kind${variant}` });
new Box("box");
if (variant === 0 || variant === 5) {
  const e = new Thing("e", { label: "e" });
  new Thing("f", { label: "eff", kind: e.address });
}
export const last = c.address;
export const now = variant;
