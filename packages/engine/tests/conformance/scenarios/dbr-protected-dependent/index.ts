import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
const a = new Thing("a", { label: "alpha", kind: variant > 0 ? "big" : "small", exclusive: true });
const b = new Thing("b", { label: "leans", kind: a.address });
const c = new Thing("c", { label: "further", kind: b.address }, { protect: variant < 2 });
const d = new Thing("d", { label: "off" });
