import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
class Box extends pulumi.ComponentResource {
  readonly address: pulumi.Output<string>;
  constructor(name: string) {
    super("conformance:index:Box", name, {});
    this.address = new Thing("inner", { label: "inner" }, { parent: this }).address;
    this.registerOutputs({ address: this.address });
  }
}
if (variant === 2) {
  const a = new Thing("a", { label: "alpha" });
  new Thing("b", { label: a.address });
}
if (variant === 3) new Box("box");
if (variant === 1) {
  const a = new Thing("a", { label: "alpha" });
  const b = new Thing("b", { label: a.address });
  new Thing("c", { label: b.address });
  new Thing("alone", { label: "alone" });
  const box = new Box("box");
  new Thing("after", { label: box.address });
}
