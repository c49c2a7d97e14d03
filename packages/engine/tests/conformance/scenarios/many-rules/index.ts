import * as pulumi from "@pulumi/pulumi";
import { Thing as Base } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
const T = (p: string) => class extends Base { constructor(n: string, a: any, o?: any) { super(p + n, { ...a, label: pulumi.interpolate`${p}${a.label}` }, o); } };
export const outs: any = {};
// ignore-changes
{ const P = "s0-"; const Thing = T(P);
const a = new Thing("a", { label: "l" + variant, list: ["x" + variant, "y" + variant, ...(variant > 1 ? ["z"] : [])] }, { ignoreChanges: ["list[0]"] });
const b = new Thing("b", { label: "l", list: ["x" + variant, "y" + variant] }, { ignoreChanges: ["list[*]"] });
const c = new Thing("c", { label: "cc" + variant, kind: "k" + variant, ...(variant > 0 ? { size: 4 } : {}) }, { ignoreChanges: ["kind", "size"] });
const d = new Thing("d", { label: "dd" + variant, kind: "k" + variant }, { ignoreChanges: ["*"] });
const e = new Thing("e", { label: "ee", list: ["x", ...(variant > 0 ? ["w"] : [])] }, { ignoreChanges: ["list[1]"] });
const f = new Thing("f", { label: "ff" + variant, ...(variant === 0 ? { token: "t" } : {}) }, { ignoreChanges: ["token"] });
const g = new Thing("g", { label: "gg", size: variant }, { ignoreChanges: ["size.deep", "[", "region", "nothing"] });
}
// replace-on-changes
{ const P = "s1-"; const Thing = T(P);
const prov = { create: async (i: any) => ({ id: "id-" + i.n, outs: i }), update: async (_: string, __: any, n: any) => ({ outs: n }) } as any;
class Raw extends pulumi.dynamic.Resource { constructor(n: string, a: any, o?: any) { super(prov, P + n, { n: P + n, ...a }, o); } }
new Raw("a", { deep: { x: variant, y: 1 } }, { replaceOnChanges: ["deep.x"] });
new Raw("b", { deep: { x: variant, y: 1 } }, { replaceOnChanges: ["deep.y"] });
new Raw("c", { list: [1, variant] }, { replaceOnChanges: ["list[1]"] });
new Raw("d", { list: [{ v: 1 }, { v: variant }] }, { replaceOnChanges: ["list[*].v"] });
new Raw("e", { other: variant }, { replaceOnChanges: ["*"] });
new Raw("f", { deep: { x: variant } }, { replaceOnChanges: ["deep"], deleteBeforeReplace: true });
new Raw("g", { size: variant, deep: { x: variant } }, { replaceOnChanges: ["deep"], ignoreChanges: ["deep.x"] });
new Raw("h", { list: variant ? [1, 2] : [1] }, { replaceOnChanges: ["list[1]"] });
new Raw("i", variant ? { k: 1 } : { j: 1 }, { replaceOnChanges: ["j"] });
new Raw("j", { s: variant ? pulumi.secret("x") : "x" }, {});
new Raw("k", { s: variant ? pulumi.secret("y") : pulumi.secret("x") }, { replaceOnChanges: ["s"] });
new Raw("l", { m: { "a.b": variant, 'q"': 1 } }, {});
}
// component-inputs
{ const P = "s2-"; const Thing = T(P);
class Box extends pulumi.ComponentResource { constructor(n: string, args: any, o?: pulumi.ComponentResourceOptions) { super("conformance:index:Box", P + n, args, o); if (variant !== 2) this.registerOutputs({ size: args.size, v: variant }); } }
new Box("a", { size: variant, deep: { x: [1, pulumi.secret("s" + variant)] } });
new Box("b", { size: variant }, { ignoreChanges: ["size"] });
class NoReg extends pulumi.ComponentResource { constructor(n: string) { super("conformance:index:NoReg", P + n, { v: variant }); } }
new NoReg("c");
}
// deleted-with
{ const P = "s3-"; const Thing = T(P);
const a = new Thing("a", { label: "alpha", kind: variant === 2 ? "k2" : "k1" });
if (variant !== 1) { const b = new Thing("b", { label: "with" }, { deletedWith: a, dependsOn: [a] }); new Thing("c", { label: b.address }, { deletedWith: b }); }
if (variant < 3) { const x = new Thing("x", { label: "ex" }); const y = new Thing("y", { label: "why" }, { deletedWith: x }); new Thing("z", { label: "zed" }, { parent: y, deletedWith: y }); }
}
// dbr-two-roots
{ const P = "s4-"; const Thing = T(P);
const a = new Thing("a", { label: "alpha", kind: "k" + variant, exclusive: true });
const b = new Thing("b", { label: "beta", kind: "k" + variant, exclusive: true });
const c = new Thing("c", { label: "both", kind: pulumi.interpolate`${a.address}+${b.address}` });
const d = new Thing("d", { label: "tail", kind: c.address, exclusive: true });
}
// dbr-in-components
{ const P = "s5-"; const Thing = T(P);
class Box extends pulumi.ComponentResource {
  readonly t: Thing;
  constructor(n: string, kind: pulumi.Input<string>, o?: pulumi.ComponentResourceOptions) {
    super("conformance:index:Box", P + n, {}, o);
    this.t = new Thing(n + "-t", { label: n, kind, exclusive: true }, { parent: this });
    new Thing(n + "-u", { label: n + "u", kind: this.t.address }, { parent: this.t });
    this.registerOutputs({});
  }
}
const one = new Box("one", "k" + variant);
const two = new Box("two", one.t.address, { dependsOn: [one] });
}
// alias-dbr
{ const P = "s6-"; const Thing = T(P);
const n = (s: string) => variant ? s + "2" : s;
const o = (s: string) => variant ? { aliases: [{ name: P + s }] } : {};
const a = new Thing(n("a"), { label: "alpha", kind: variant ? "big" : "small", exclusive: true }, o("a"));
const b = new Thing(n("b"), { label: "leans", kind: a.address }, o("b"));
const c = new Thing(n("c"), { label: "more", kind: b.address }, { ...o("c"), dependsOn: [a] });
}
// retype
{ const P = "s7-"; const Thing = T(P);
const prov = { create: async (i: any) => ({ id: "id-" + i.n, outs: i }), diff: async () => ({ changes: false }) } as any;
class Raw extends pulumi.dynamic.Resource { constructor(t: string, n: string, a: any, o?: any) { super(prov, P + n, { n: P + n, ...a }, o, "conformance", t); } }
const a = new Raw(variant ? "New" : "Old", "a", {}, variant ? { aliases: [{ type: "pulumi-nodejs:dynamic/conformance:Old" }] } : {});
const b = new Raw("Kid", "b", {}, { parent: a });
}
// component-to-custom
{ const P = "s8-"; const Thing = T(P);
class Box extends pulumi.ComponentResource { constructor(n: string) { super("conformance:index:Box", P + n, {}); this.registerOutputs({ a: 1 }); } }
if (variant === 0) new Box("a"); else new Thing("a", { label: "alpha" }, { aliases: [{ type: "conformance:index:Box" }] });
}
// parents
{ const P = "s9-"; const Thing = T(P);
const a = new Thing("a", { label: "alpha", kind: "k" + (variant === 1 ? 1 : 0) });
const b = new Thing("b", { label: "beta" }, { parent: a });
const c = variant === 2 ? undefined : new Thing("c", { label: "gamma" }, { parent: b });
const d = variant === 2 ? undefined : new Thing("d", { label: "delta", kind: c!.address }, { parent: c });
}
