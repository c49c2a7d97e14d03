import { type RolloutInputs, rolloutProvider } from "../../../infra/targets/kubernetes/rollout-provider.ts";
import { type LiveCluster, template } from "./live-cluster.ts";

export const inputsOf = (version: string, more: object = {}): RolloutInputs => ({
  namespace: "ml",
  deployment: "churn",
  pods: version,
  timeoutSeconds: 0.05,
  template: template(version),
  replicas: 2,
  ...more,
});

/** A stack's Rollout; `up` calls its provider like the engine. */
export class Stack {
  readonly cluster: LiveCluster;
  readonly provider: ReturnType<typeof rolloutProvider>;
  state: { inputs: RolloutInputs; outs: RolloutInputs & { completed?: string } };
  updates = 0;

  constructor(cluster: LiveCluster, version: string) {
    this.cluster = cluster;
    this.provider = rolloutProvider(() => cluster, 1);
    this.state = { inputs: inputsOf(version), outs: inputsOf(version) };
  }

  async preview(news: RolloutInputs): Promise<{ readonly changes: boolean; readonly found: string | undefined }> {
    const { inputs } = await this.provider.check(this.state.inputs, news);
    const { changes } = await this.provider.diff("", this.state.outs, inputs);
    return { changes, found: (inputs as { found?: string }).found };
  }

  async up(news: RolloutInputs): Promise<void> {
    const { inputs } = await this.provider.check(this.state.inputs, news);
    if (!(await this.provider.diff("", this.state.outs, inputs)).changes) return;
    this.updates++;
    const { outs } = await this.provider.update("", this.state.outs, inputs);
    this.state = { inputs, outs };
  }
}
