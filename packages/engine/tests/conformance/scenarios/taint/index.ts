import * as pulumi from "@pulumi/pulumi";
import { Thing } from "../../thing.ts";

const variant = new pulumi.Config().getNumber("variant") ?? 0;
const a = new Thing("a", { label: "alpha", size: variant });
const b = new Thing("b", { label: a.address });
const provider = new Thing("provider-dbr", { label: "provider-dbr", exclusive: true });
const option = new Thing("option-dbr", { label: "option-dbr" }, { deleteBeforeReplace: true });
if (variant < 2) new Thing("leaves", { label: "leaves" });
// Those that fail come last, so that what is done before does not depend on the order of things that know nothing of each other.
const fails = new Thing("fails", { label: "fails", ...(variant === 3 ? { fail: "create" } : {}) }, { dependsOn: [b, provider, option] });
new Thing("protected", { label: "protected" }, { protect: true, dependsOn: fails });
