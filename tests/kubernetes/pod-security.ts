import type { Manifest } from "../../infra/render/render-stack.ts";

/**
 * The `restricted` profile of the Pod Security Standards as of Kubernetes 1.37, control by control:
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/. It was compared with the cluster's own evaluator
 * (k8s.io/pod-security-admission v0.37.2) on the same objects.
 */

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json => (value ?? {}) as Json;
const list = (value: unknown): Json[] => (value ?? []) as Json[];

/** Pod spec of an object that makes pods. */
export function podSpecOf({ kind, spec }: Manifest): Json | undefined {
  if (kind === "Pod") return object(spec);
  const template = object(object(spec).template);
  return template.spec ? object(template.spec) : undefined;
}

export const containersOf = (pod: Json): Json[] =>
  ["initContainers", "containers", "ephemeralContainers"].flatMap((key) => list(pod[key]));

const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const SYSCTLS = ["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"];
const SYSCTL_PREFIXES = ["net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports"];
const SYSCTL_TCP = /^net\.ipv4\.tcp_(keepalive_time|fin_timeout|keepalive_intvl|keepalive_probes|rmem|wmem)$/;
const SELINUX = [undefined, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/** One line for each control that a pod breaks; none for a pod that keeps the profile. */
export function restrictedWarnings(pod: Json): string[] {
  const security = object(pod.securityContext);
  const contexts = containersOf(pod).map(({ name, securityContext }) => ({ name, own: object(securityContext) }));
  const found: string[] = [];
  const must = (kept: boolean, control: string) => void (kept || found.push(control));
  const each = (control: string, keeps: (own: Json, of: unknown) => boolean) => {
    for (const { name, own } of contexts) must(keeps(own, name), `${control} (container ${name})`);
  };

  for (const host of ["hostNetwork", "hostPID", "hostIPC"]) must(!pod[host], host);
  each("privileged", (own) => own.privileged !== true);
  each("hostPort", (_own, of) =>
    containersOf(pod)
      .filter(({ name }) => name === of)
      .every(({ ports }) => list(ports).every(({ hostPort }) => !hostPort)),
  );
  must(
    list(pod.volumes).every((volume) => VOLUMES.some((type) => type in volume)),
    "restricted volume types",
  );
  must(object(security.windowsOptions).hostProcess !== true, "windows hostProcess");
  each("windows hostProcess", (own) => object(own.windowsOptions).hostProcess !== true);
  each("procMount", ({ procMount }) => procMount === undefined || procMount === "Default");
  const selinux = (context: Json) => {
    const { type, user, role } = object(context.seLinuxOptions);
    return SELINUX.includes(type as string) && !user && !role;
  };
  must(selinux(security), "seLinuxOptions");
  each("seLinuxOptions", selinux);
  must(
    list(security.sysctls).every(
      ({ name }) => [...SYSCTLS, ...SYSCTL_PREFIXES].includes(String(name)) || SYSCTL_TCP.test(String(name)),
    ),
    "sysctls",
  );
  each("allowPrivilegeEscalation != false", (own) => own.allowPrivilegeEscalation === false);
  each("unrestricted capabilities", ({ capabilities }) => {
    const { drop = [], add = [] } = object(capabilities) as { drop?: string[]; add?: string[] };
    return drop.includes("ALL") && add.every((name) => name === "NET_BIND_SERVICE");
  });
  each("runAsNonRoot != true", (own) => (own.runAsNonRoot ?? security.runAsNonRoot) === true);
  must(security.runAsUser !== 0, "runAsUser=0");
  each("runAsUser=0", (own) => own.runAsUser !== 0);
  const seccomp = (context: Json) => object(context.seccompProfile).type;
  each("seccompProfile", (own) => ["RuntimeDefault", "Localhost"].includes(String(seccomp(own) ?? seccomp(security))));
  return found;
}
