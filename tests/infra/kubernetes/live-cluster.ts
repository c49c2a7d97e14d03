import { isDeepStrictEqual } from "node:util";
import { type ClusterApi, ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import type { LiveDeployment } from "../../../infra/targets/kubernetes/live-deployment.ts";

export const PATH = "/apis/apps/v1/namespaces/ml/deployments/churn";
export const template = (version: string, more: object = {}) => ({
  metadata: { labels: { app: "churn" } },
  spec: {
    containers: [
      { name: "service", image: `churn:${version}`, env: [{ name: "MODEL_VERSION", value: version }], ...more },
    ],
  },
});

/** ReplicaSet of the canary. */
const CANARY_SET = { metadata: { name: "churn-canary-1", ownerReferences: [{ uid: "u3" }] }, spec: {}, status: {} };

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** One Deployment and its controller, as a Rollout sees them. Pods of the version in `fails` never become available. */
export class LiveCluster implements ClusterApi {
  readonly fails = new Set<string>();
  readonly written: LiveDeployment[] = [];
  looks = 0;
  live: Writable<LiveDeployment>;
  /** Available pods by template, oldest first: the Deployment's ReplicaSets. */
  readonly sets: { readonly template: LiveDeployment["spec"]["template"]; available: number }[] = [];
  refusesWrites = false;
  /** Pods that the Service selects besides the Deployment's. */
  pods: object[] = [];
  /** Pods and weight of the canary, once it exists. */
  canary: { replicas: number; weight: number } | undefined;
  /** The Service's selector; undefined before it exists. */
  selector: Record<string, string> | undefined;
  /** A concurrent change, applied at the next read. */
  meanwhile: (() => void) | undefined;

  constructor(version: string) {
    const spec = { replicas: 2, selector: { matchLabels: { app: "churn" } }, template: template(version) };
    this.live = { metadata: { generation: 1, uid: "u1" }, spec, status: {} as LiveDeployment["status"] };
    this.settle();
  }

  /** Writes the Deployment like Pulumi or kubectl, before the controller reacts. */
  write(spec: Partial<LiveDeployment["spec"]>): void {
    const { generation } = this.live.metadata;
    this.live.metadata = { ...this.live.metadata, generation: generation + 1 };
    this.live.spec = { ...this.live.spec, ...spec };
  }

  get version(): string {
    const { containers } = this.live.spec.template.spec as { containers: { image: string }[] };
    return containers[0]?.image.split(":")[1] ?? "";
  }

  /** Reconciles like the controller. */
  settle(): void {
    const { replicas } = this.live.spec;
    const failing = this.fails.has(this.version);
    const same = ({ template }: { readonly template: object }) => isDeepStrictEqual(template, this.live.spec.template);
    if (!this.sets.some(same)) this.sets.push({ template: this.live.spec.template, available: 0 });
    for (const set of this.sets) {
      if (same(set)) set.available = failing ? 0 : replicas;
      else if (!failing) set.available = 0;
    }
    const old = this.sets.filter((set) => !same(set)).reduce((sum, { available }) => sum + available, 0);
    this.live.status = {
      observedGeneration: this.live.metadata.generation,
      conditions: [],
      replicas: replicas + old,
      updatedReplicas: replicas,
      availableReplicas: failing ? old : replicas,
    };
  }

  async get(path: string): Promise<string> {
    if (path === PATH) {
      this.looks++;
      const { meanwhile } = this;
      this.meanwhile = undefined;
      meanwhile?.();
      const seen = JSON.stringify(this.live);
      this.settle();
      return seen;
    }
    if (path.includes("/replicasets?labelSelector=app%3Dchurn")) return JSON.stringify({ items: this.replicaSets() });
    if (this.selector && path.endsWith("/services/churn")) return JSON.stringify(this.service(this.selector));
    if (path.includes("/replicasets?labelSelector=track%3Dcanary")) return JSON.stringify({ items: [CANARY_SET] });
    if (path.includes("/pods?")) return JSON.stringify({ items: this.pods });
    if (path.endsWith("/events")) return '{"items":[]}';
    if (this.canary && path === `${PATH}-canary`) {
      const { replicas } = this.canary;
      return JSON.stringify({
        metadata: { uid: "u3" },
        spec: { replicas, selector: { matchLabels: { track: "canary" } } },
      });
    }
    if (this.canary && path.endsWith("/httproutes/churn")) return JSON.stringify(this.route(this.canary));
    throw new ClusterError(`nothing at ${path}`, "NotFound");
  }

  async put(path: string, body: object): Promise<void> {
    if (this.canary && path === `${PATH}-canary/scale`) {
      this.canary.replicas = (body as { spec: { replicas: number } }).spec.replicas;
      return;
    }
    if (this.canary && path.endsWith("/httproutes/churn")) {
      const { rules } = (body as ReturnType<typeof this.route>).spec;
      this.canary.weight = rules[0]?.backendRefs[1]?.weight ?? 0;
      return;
    }
    if (this.selector && path.endsWith("/services/churn")) {
      this.selector = (body as ReturnType<typeof this.service>).spec.selector;
      return;
    }
    if (path !== PATH) throw new ClusterError(`nothing at ${path}`, "NotFound");
    if (this.refusesWrites) throw new ClusterError("kubectl replace: forbidden", "Refused");
    const deployment = body as LiveDeployment;
    this.written.push(deployment);
    this.write(deployment.spec);
  }

  private service(selector: Record<string, string>) {
    return { metadata: { name: "churn" }, spec: { selector, ports: [{ port: 80 }] } };
  }

  private route({ weight }: { readonly weight: number }) {
    const backendRefs = [
      { name: "churn", weight: 100 - weight },
      { name: "churn-canary", weight },
    ];
    return { metadata: { name: "churn" }, spec: { rules: [{ backendRefs }] } };
  }

  /** Pods with the label that the controller adds, and one of another Deployment with the same labels. */
  private replicaSets(): object[] {
    const sets = this.sets.map(({ template, available }, index) => {
      const hashed = structuredClone(template) as { metadata: { labels: Record<string, string> } };
      hashed.metadata.labels["pod-template-hash"] = String(index);
      const metadata = { name: `churn-${index}`, ownerReferences: [{ uid: "u1" }] };
      return { metadata, spec: { template: hashed }, status: { availableReplicas: available } };
    });
    const other = { metadata: { name: "other", ownerReferences: [{ uid: "u2" }] }, spec: { template: template("9") } };
    return [...sets, { ...other, status: { availableReplicas: 9 } }];
  }
}
