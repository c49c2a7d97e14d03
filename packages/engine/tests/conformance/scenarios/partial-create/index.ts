import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
const prov = {
  create: async (i: any) => { if (i.bad) { const e: any = new Error("half"); throw Object.assign(e, { id: "half-" + i.n, properties: { ...i, half: true }, reasons: ["not ready"] }); } return { id: "id-" + i.n, outs: i }; },
  diff: async (_: string, o: any, n: any) => ({ changes: o.v !== n.v }),
  update: async (id: string, o: any, n: any) => { if (n.bad) { const e: any = new Error("halfup"); throw Object.assign(e, { id, properties: { ...n, halfup: true }, reasons: ["still not ready", "two"] }); } return { outs: n }; },
} as any;
class Raw extends pulumi.dynamic.Resource { constructor(n: string, a: any, o?: any) { super(prov, n, { n, ...a }, o); } }
const a = new Raw("a", { v: variant > 2 ? 1 : 0, bad: variant === 0 || variant === 1 || variant === 3 });
const b = new Raw("b", { v: 1 }, { dependsOn: [a] });
