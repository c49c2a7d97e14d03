import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
const a = new Thing("a", { label: "alpha", kind: ["k0", "k1", "k1", "k2"][variant], ...(variant === 1 ? { fail: "create" } : {}) });
const b = new Thing("b", { label: a.address });
