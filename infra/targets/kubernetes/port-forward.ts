import type * as pulumi from "@pulumi/pulumi";
import { ownFile } from "../../../dynamic/own-package.ts";
import { LocalProcess } from "../local/local-process.ts";
import { ownName, stackId } from "../target.ts";
import { clusterArguments } from "./cluster-arguments.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";

interface ForwardArgs {
  /** Service in the cluster, and its port. */
  readonly service: string;
  readonly namespace: string;
  readonly servicePort: number;
  /** Loopback port of this machine. */
  readonly port: number;
  readonly healthPath: string;
  /** Identity of its pods: `kubectl port-forward` is bound to one pod, so new pods need a new process. */
  readonly instance: pulumi.Input<string>;
}

const START_SECONDS = 60;

/** Describes a process on this machine that forwards a port to a service in the cluster, and returns its URL. */
export function portForward(
  name: string,
  args: ForwardArgs,
  { settings, dataFolder }: { readonly settings: KubernetesSettings; readonly dataFolder: string },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { namespace, service, servicePort, port, healthPath, instance } = args;
  const tunnel = new LocalProcess(
    name,
    {
      processName: ownName(name),
      folder: `${dataFolder}/processes`,
      command: [
        "node",
        ownFile("infra/targets/kubernetes/keep-running.mjs"),
        "kubectl",
        ...clusterArguments(settings),
        "--namespace",
        namespace,
        "port-forward",
        "--address",
        "127.0.0.1",
        `service/${service}`,
        `${port}:${servicePort}`,
      ],
      environment: { LEADS_TO: instance },
      stack: stackId(),
      portSetting: "mlflow.port or service.port",
      port,
      url: `http://127.0.0.1:${port}`,
      healthPath,
      startSeconds: START_SECONDS,
    },
    opts,
  );
  return tunnel.url;
}
