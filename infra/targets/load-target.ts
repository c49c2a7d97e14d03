import type { Settings } from "../settings.ts";
import type { Target } from "./target.ts";

/** Loads only the chosen target's module, because the Kubernetes SDK alone takes seconds to load. */
export async function loadTarget(settings: Settings): Promise<Target> {
  switch (settings.target) {
    case "local": {
      const { local, mlflow, promotion } = settings;
      const { localTarget } = await import("./local/local-target.ts");
      return localTarget({ ...local, mlflowPort: mlflow.port, autoRollback: promotion.autoRollback });
    }
    case "docker":
      return (await import("./docker/docker-target.ts")).dockerTarget(settings);
    case "kubernetes": {
      const cluster = (await import("./kubernetes/cluster-access.ts")).clusterOf(settings);
      const { listContainers: engine } = await import("./docker/engine-containers.ts");
      const { kubernetesTarget } = await import("./kubernetes/kubernetes-target.ts");
      return kubernetesTarget(settings, { engine, ...(cluster && { cluster }) });
    }
  }
}
