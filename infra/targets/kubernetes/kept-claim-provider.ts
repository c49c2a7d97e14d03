import { defineProvider } from "../../../dynamic/define-provider.ts";
import { isProgramRunning } from "../../../dynamic/is-program-running.ts";
import { changedInputs, isKnown } from "../../../dynamic/provider-inputs.ts";
import { adoptCommand } from "./setting-hints.ts";

export interface KeptClaimInputs {
  readonly namespace: string;
  readonly claim: string;
  /** Namespace of the server's pods. */
  readonly wanted: string;
  readonly ownNamespace: boolean;
}

/** Describes where the data is, how the stack can reuse it, and how to remove it. */
export function whereTheDataIs({ namespace, claim, ownNamespace }: KeptClaimInputs): string {
  const take = adoptCommand({ claim, ...(ownNamespace && { namespace }) });
  const object = ownNamespace ? `namespace ${namespace}` : `persistentvolumeclaim ${claim} --namespace ${namespace}`;
  return (
    `MLflow's data is kept in the volume claim ${claim} of namespace ${namespace}. ` +
    `To reuse it, run this before the stack's next update: ${take}. To remove it: kubectl delete ${object}`
  );
}

export const provider = defineProvider({
  /** Another model's name or another `kubernetes.namespace` means another namespace, whose pods cannot reach the data. */
  async check(_olds: Partial<KeptClaimInputs>, news: KeptClaimInputs) {
    const { namespace, wanted } = news;
    if (!isKnown(namespace) || namespace === wanted) return { inputs: news };
    const reason =
      `MLflow's data is in namespace ${namespace}, but this stack's config says ${wanted}. Keep that namespace: ` +
      `pulumi config set --path kubernetes.existingNamespace ${namespace}. To start with another registry, destroy the stack first`;
    return { inputs: news, failures: [{ property: "namespace", reason }] };
  },
  async diff(_id: string, olds: KeptClaimInputs, news: KeptClaimInputs) {
    return { changes: changedInputs(olds, news, ["namespace", "claim", "wanted", "ownNamespace"]).length > 0 };
  },
  async create(inputs: KeptClaimInputs) {
    return { id: `${inputs.namespace}/${inputs.claim}`, outs: inputs };
  },
  async update(_id: string, _olds: KeptClaimInputs, news: KeptClaimInputs) {
    return { outs: news };
  },
  async delete(_id: string, inputs: KeptClaimInputs) {
    if (!(await isProgramRunning().catch(() => true))) console.error(whereTheDataIs(inputs));
  },
});
