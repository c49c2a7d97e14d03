import * as core from "@pulumi/kubernetes/core/v1/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { KeptClaim } from "./kept-claim.ts";
import { labels } from "./labels.ts";
import { UNAWAITED } from "./rollout.ts";
import type { StackScope } from "./stack-scope.ts";

/** Immutable fields and fields that the cluster fills in: a change to any would replace the claim. */
const FIXED = [
  "metadata.annotations",
  "metadata.finalizers",
  "metadata.name",
  "metadata.namespace",
  ...["accessModes", "dataSource", "dataSourceRef", "selector"].map((field) => `spec.${field}`),
  ...["storageClassName", "volumeMode", "volumeName"].map((field) => `spec.${field}`),
];

/**
 * Creates the volume claim with the registry's data and returns its name. The data outlives the stack: no change replaces the claim, and a destroy keeps
 * it and its volume. With `existingClaim`, an existing claim is used unchanged, such as one that a destroyed stack left.
 * @param objectName name of the server's objects
 */
export function volumeClaim(
  name: string,
  objectName: string,
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): pulumi.Input<string> {
  const { storage, storageClass, existingClaim } = scope.settings.mlflow;
  if (existingClaim) return existingClaim;
  const claim = new core.PersistentVolumeClaim(
    name,
    {
      metadata: {
        name: objectName,
        namespace: scope.namespace,
        labels: labels(scope.modelName, objectName, "mlflow"),
        // Many storage classes bind a volume only when its first pod is scheduled, so waiting before that would never end.
        annotations: UNAWAITED,
      },
      spec: {
        accessModes: ["ReadWriteOnce"],
        ...(storageClass && { storageClassName: storageClass }),
        resources: { requests: { storage } },
      },
    },
    scope.options(opts, { retainOnDelete: true, ignoreChanges: FIXED }),
  );
  const { name: claimName, namespace } = claim.metadata;
  const { namespaceName: wanted, own: ownNamespace } = scope;
  return new KeptClaim(`${name}-kept`, { namespace, claim: claimName, wanted, ownNamespace }, opts).claim;
}
