import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
const a = new Thing("a", { label: "alpha", kind: variant ? "big" : "small", exclusive: true, ...(variant === 1 ? { fail: "create" } : {}) });
const b = new Thing("b", { label: "leans", kind: a.address });
const c = new Thing("c", { label: a.address });
