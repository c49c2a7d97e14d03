import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
class Box extends pulumi.ComponentResource {
  constructor(name: string) {
    super("conformance:index:Box", name, {});
    new Thing("inner", { label: "inner" }, { parent: this });
    this.registerOutputs({});
  }
}
const a = new Thing("a", { label: "alpha" });
const b = new Thing("b", { label: a.address });
new Thing("c", { label: "cee" }, { dependsOn: b });
new Thing("d", { label: "dee" });
new Thing("e", { label: "eee", fail: "delete" });
new Box("box");
export const address = a.address;
