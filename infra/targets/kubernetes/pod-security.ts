/**
 * The `restricted` profile of the Pod Security Standards, and more: read-only root, no service-account token.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */

/** Security context of the pod. @param user id that the image runs as: a user name cannot be verified not to be root */
export const podSecurity = (user: number) => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
  // Avoids walking a large volume at every start.
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
});

/** Security context of each container. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** Writable folders; the root is read-only. */
export const TMP_VOLUME = { name: "tmp", emptyDir: { sizeLimit: "256Mi" } };
export const TMP_MOUNT = { name: "tmp", mountPath: "/tmp" };

/** Makes the cluster reject pods that violate the profile, in the stack's own namespace. */
export const NAMESPACE_LABELS = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
};
