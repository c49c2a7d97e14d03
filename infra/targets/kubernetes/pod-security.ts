/**
 * The `restricted` profile of the Pod Security Standards, and more: read-only root, no service-account token.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */

/** Of the pod. `user`: what the image runs as; a name in the image cannot be checked to be other than root. */
export const podSecurity = (user: number) => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
  // A large volume is not walked at every start.
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
});

/** Of each container. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** The root is read-only: where programs may write. */
export const TMP_VOLUME = { name: "tmp", emptyDir: { sizeLimit: "256Mi" } };
export const TMP_MOUNT = { name: "tmp", mountPath: "/tmp" };

/** Has the cluster refuse pods that break the profile, in a namespace of our own. */
export const NAMESPACE_LABELS = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
};
