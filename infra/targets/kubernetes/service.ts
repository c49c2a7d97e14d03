import type * as apps from "@pulumi/kubernetes/apps/v1/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceArgs } from "../target.ts";
import { CanaryAnalysis } from "./canary/canary-analysis.ts";
import { expose, exposedUrl } from "./exposure.ts";
import type { CanarySettings } from "./kubernetes-settings.ts";
import { labels, SERVICE_PORT, serviceName, toQuery } from "./labels.ts";
import { portOf } from "./mlflow-server.ts";
import { serviceMonitor } from "./monitoring.ts";
import { allowOnly, callers, toPorts } from "./network-policies.ts";
import { pullSecret } from "./pull-secret.ts";
import { clusterInputs, runOf } from "./rollout.ts";
import { RolloutStart } from "./rollout-start.ts";
import { autoscaler, disruptionBudget } from "./scaling.ts";
import { serviceConfig, serviceSecrets } from "./service-config.ts";
import type { Served } from "./service-pod.ts";
import type { StackScope } from "./stack-scope.ts";
import {
  canaryService,
  deploymentName,
  podsOf,
  type ServiceFrame,
  serviceDeployment,
  serviceRollout,
  stableService,
} from "./workload.ts";

export interface ServiceInCluster {
  /** Name of its Service. */
  readonly name: string;
  /** Deployment of the stable pods. */
  readonly deployment: apps.Deployment;
  /** Changes with what the stable pods run. */
  readonly instance: pulumi.Output<string>;
  /** URL for callers, unless they use a forwarded port of this machine. */
  readonly url: pulumi.Output<string>;
}

/** Describes the inference service: stable pods with the approved version and, if configured, canary pods that try it first. */
export function inferenceService(
  resource: string,
  args: ServiceArgs,
  canary: CanarySettings | undefined,
  scope: StackScope,
  opts: pulumi.CustomResourceOptions,
): ServiceInCluster {
  const { settings, modelName } = scope;
  const { environment, model, port } = args;
  const name = serviceName(modelName, environment);
  const common = labels(modelName, name, "inference");
  const frame: ServiceFrame = { resource, name, labels: common, scope, opts };
  const candidate: Served = { image: args.package.reference, version: model.version, sha256: model.sha256 };
  const shared = { prefix: name, labels: common };
  const pullArgs = { prefix: `${name}-pull`, labels: common, image: candidate.image };
  const configMap = serviceConfig(
    `${resource}-config`,
    { ...shared, environment, gatePublicKey: args.gatePublicKey, page: args.page },
    scope,
    opts,
  );
  const secrets = serviceSecrets(`${resource}-secret`, { ...shared, apiToken: args.apiToken }, scope, opts);
  const pull = pullSecret(`${resource}-pull`, pullArgs, scope, opts);
  const pod = {
    configMap: configMap.name,
    secrets: secrets.map((secret) => secret.name),
    modelName: model.name,
    card: args.page?.card,
    pullSecret: pull?.name,
    needs: [configMap, ...secrets, pull].flatMap((made) => made?.object ?? []),
  };
  const from = callers(settings);
  const other = args.page?.otherUrl;
  const network = {
    name,
    labels: common,
    selector: podsOf(name),
    port: SERVICE_PORT,
    ...(from && { from }),
    // The Service's port and the pods' port, because the cluster's network may see either.
    ...(other !== undefined && { to: toPorts(...new Set([portOf(other), SERVICE_PORT])) }),
  };
  allowOnly(`${resource}-network`, network, scope, opts);

  const byRoute = settings.exposure?.kind === "gateway";
  const trial = canary && serviceDeployment(frame, "canary", { ...pod, served: candidate });
  const { registry, guardedEvidence } = args;
  const standing = { registry, environment, modelName: model.name };
  const { wasInProduction } = model;
  const tried =
    canary && trial
      ? approvedByTrial(frame, { candidate, wasInProduction, standing }, canary, trial.deployment, byRoute)
      : candidate;
  const subject = { ...standing, ...(guardedEvidence !== undefined && { guardedEvidence }) };
  const served =
    environment === "production"
      ? new RolloutStart(`${resource}-rollout-start`, { ...subject, ...tried }, opts)
      : tried;
  const { image, version, sha256 } = served;
  const stable = serviceDeployment(frame, "stable", { ...pod, served: { image, version, sha256 } });
  const { deployment } = stable;
  const record = { ...subject, version, sha256 };
  const rollout = serviceRollout(frame, stable, record, {
    service: name,
    pods: toQuery(podsOf(name, byRoute ? "stable" : undefined)),
    ...(canary && { canary: deploymentName(name, "canary") }),
    ...(canary && byRoute && { route: name }),
  });
  const scaled = { name, labels: common, selector: podsOf(name, "stable") };
  autoscaler(`${resource}-scaling`, scaled, scope, opts);
  disruptionBudget(`${resource}-disruption`, scaled, scope, opts);
  const service = stableService(frame, port, byRoute ? "stable" : "both", rollout);
  const { exposure } = settings;
  if (exposure) {
    const onTrial = canary && byRoute ? canaryService(frame, port) : undefined;
    expose(
      `${resource}-exposure`,
      { name, labels: common, exposure, service: name, canaryService: onTrial, port },
      scope,
      opts,
    );
  }
  serviceMonitor(`${resource}-monitor`, { name, labels: common, selector: podsOf(name) }, scope, opts);

  const inCluster = pulumi.output(`http://${name}.${scope.namespaceName}.svc:${port}`);
  const balanced = service.status.loadBalancer.ingress.apply(
    (all) => `http://${all?.[0]?.hostname ?? all?.[0]?.ip}:${port}`,
  );
  const open = settings.service.type === "LoadBalancer" ? balanced : inCluster;
  return {
    name,
    deployment,
    // Known once callers reach the pods.
    instance: pulumi
      .all([deployment.metadata.uid, image, version, configMap.name, runOf(rollout), service.metadata.uid])
      .apply((parts) => `${parts.slice(0, 4).join(":")}${parts[4]}`),
    url: exposure ? pulumi.output(exposedUrl(exposure)) : open,
  };
}

interface Tried extends Pick<ServiceArgs["model"], "wasInProduction"> {
  readonly candidate: Served;
  readonly standing: Pick<ServiceArgs, "registry" | "environment"> & { readonly modelName: pulumi.Input<string> };
}

/** Returns what the canary analysis approves, for the stable pods: a failed analysis leaves them unchanged. */
function approvedByTrial(
  { resource, name, scope, opts }: ServiceFrame,
  { candidate, wasInProduction, standing }: Tried,
  canary: CanarySettings,
  trial: apps.Deployment,
  byRoute: boolean,
): Served {
  const { approved } = new CanaryAnalysis(
    `${resource}-canary-analysis`,
    {
      ...canary,
      ...clusterInputs(scope),
      candidate,
      namespace: scope.namespaceName,
      port: SERVICE_PORT,
      readySeconds: scope.settings.rolloutTimeoutSeconds,
      stable: deploymentName(name, "stable"),
      stablePods: toQuery(podsOf(name, "stable")),
      canary: deploymentName(name, "canary"),
      canaryPods: toQuery(podsOf(name, "canary")),
      ...(byRoute && { route: name }),
      standing,
      ...(wasInProduction !== undefined && { wasInProduction }),
    },
    { ...opts, dependsOn: [trial] },
  );
  return { image: approved.image, version: approved.version, sha256: approved.sha256 };
}
