import * as core from "@pulumi/kubernetes/core/v1/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { KeptClaim } from "./kept-claim.ts";
import { labels } from "./labels.ts";
import type { Place } from "./place.ts";
import { UNAWAITED } from "./rollout.ts";

/** What the cluster fills in, and what cannot be changed once the claim is there: each would replace it. */
const FIXED = [
  ...["metadata.annotations", "metadata.finalizers", "metadata.name", "metadata.namespace"],
  ...["accessModes", "dataSource", "dataSourceRef", "selector"].map((field) => `spec.${field}`),
  ...["storageClassName", "volumeMode", "volumeName"].map((field) => `spec.${field}`),
];

/**
 * Name of the volume claim with the registry's data. They outlive the stack: no change replaces the claim, and a destroy leaves it and with it the volume.
 * With `existingClaim` it is another's, or was left by a stack that was destroyed, and is used as it is.
 * @param objectName of the server's objects
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
        // Many classes bind a volume when its first pod comes; waiting for it before would wait for ever.
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
