import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
const a = new Thing("a", { label: "alpha", size: variant });
const b = new Thing("b", { label: a.address, size: variant });
new Thing("c", { label: b.address, size: variant });
new Thing("d", { label: "dee", size: variant });
if (variant < 2) new Thing("e", { label: "e" });
if (variant >= 3) new Thing("fresh", { label: "fresh", size: variant });
if (variant === 5) {
  const fresh = new Thing("new-a", { label: "new-a" });
  new Thing("new-b", { label: fresh.address });
}
