import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
const a = new Thing("a", { label: "alpha" });
const b = new Thing("b", { label: a.address }, { protect: variant < 2 });
new Thing("c", { label: b.address });
new Thing("d", { label: "dee" }, variant === 1 ? { protect: true, parent: a } : {});
