import * as core from "@pulumi/kubernetes/core/v1/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { KeptClaim } from "./kept-claim.ts";
import { labels } from "./labels.ts";
import type { Place } from "./place.ts";
import { UNAWAITED } from "./rollout.ts";

/** Fields that the cluster fills in or that are immutable: a change of any would replace the claim. */
const FIXED = [
  "metadata.annotations",
  "metadata.finalizers",
  "metadata.name",
  "metadata.namespace",
  ...["accessModes", "dataSource", "dataSourceRef", "selector"].map((field) => `spec.${field}`),
  ...["storageClassName", "volumeMode", "volumeName"].map((field) => `spec.${field}`),
];

/**
 * Creates the volume claim with the registry's data and returns its name. The data outlives the stack: no change replaces the claim, and a destroy keeps it and its volume.
 * With `existingClaim`, an existing claim, such as one left by a destroyed stack, is used as it is.
 * @param objectName name of the server's objects
 */
export function volumeClaim(
  name: string,
  objectName: string,
  place: Place,
  opts: pulumi.CustomResourceOptions,
): pulumi.Input<string> {
  const { storage, storageClass, existingClaim } = place.settings.mlflow;
  if (existingClaim) return existingClaim;
  const claim = new core.PersistentVolumeClaim(
    name,
    {
      metadata: {
        name: objectName,
        namespace: place.namespace,
        labels: labels(place.modelName, objectName, "mlflow"),
        // Many storage classes bind a volume only when its first pod is scheduled; waiting before that would never end.
        annotations: UNAWAITED,
      },
      spec: {
        accessModes: ["ReadWriteOnce"],
        ...(storageClass && { storageClassName: storageClass }),
        resources: { requests: { storage } },
      },
    },
    place.options(opts, { retainOnDelete: true, ignoreChanges: FIXED }),
  );
  const { name: claimName, namespace } = claim.metadata;
  const { namespaceName: wanted, own: ownNamespace } = place;
  return new KeptClaim(`${name}-kept`, { namespace, claim: claimName, wanted, ownNamespace }, opts).claim;
}
