import { beforeAll, expect, test } from "vitest";
import type { ClusterApi } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { clusterWith, mockedKubernetes } from "./kubernetes-program.ts";
import { only, render, TRAINER_IMAGE } from "./render.ts";

const JOB = { training: { runner: "job" }, kubernetes: { training: { image: TRAINER_IMAGE, deadlineSeconds: 90 } } };

// The first run loads the program and the SDK.
beforeAll(() => render(JOB), 60_000);

interface Egress {
  readonly spec: { readonly egress: readonly { readonly ports: readonly { readonly port: number }[] }[] };
}
const waysOut = async (mlflow: object, network: object = {}) => {
  const kubernetes = { ...JOB.kubernetes, network };
  const policy = only(await render({ ...JOB, kubernetes, mlflow }), "NetworkPolicy", "churn-model-training");
  return (policy as never as Egress).spec.egress.map(({ ports }) => ports.map(({ port }) => port));
};

test("one attempt with a deadline, the trainer's environment in a Secret", async () => {
  const manifests = await render(JOB);
  const { metadata, spec } = only(manifests, "Job");
  expect(metadata.name).toMatch(/^churn-model-training-[0-9a-f]{10}$/);
  expect(spec).toMatchObject({
    backoffLimit: 0,
    activeDeadlineSeconds: 90,
    template: {
      spec: {
        restartPolicy: "Never",
        containers: [{ image: TRAINER_IMAGE, command: ["/bin/sh", "-c", "node training/train.ts"] }],
      },
    },
  });
  const { name } =
    manifests.find(({ kind, metadata: of }) => kind === "Secret" && /training/.test(of.name))?.metadata ?? {};
  expect(spec).toMatchObject({ template: { spec: { containers: [{ envFrom: [{ secretRef: { name } }] }] } } });
  expect(only(manifests, "Secret", name)).toMatchObject({
    stringData: {
      MLFLOW_TRACKING_URI: "http://mlflow.churn-model-staging.svc:5000",
      MODEL_NAME: "churn-model",
      TRAINING_DATA: "training/data/churn/train.csv",
    },
  });
});

/** Jobs of a cluster, each with a condition. */
const jobsOf = (jobs: Readonly<Record<string, string>>) =>
  clusterWith({
    "/apis/batch/v1/namespaces/churn-model-staging/jobs?labelSelector=app.kubernetes.io%2Finstance%3Dchurn-model-training%2Capp.kubernetes.io%2Fcomponent%3Dtraining":
      {
        items: Object.entries(jobs).map(([name, type]) => ({
          metadata: { name },
          status: { conditions: [{ type, status: "True" }] },
        })),
      },
  });

test("the next update replaces only a failed Job", async () => {
  const nameOf = async (cluster?: ClusterApi) =>
    (
      await mockedKubernetes({
        settings: { training: { runner: "job" } },
        kubernetes: JOB.kubernetes,
        ...(cluster && { cluster }),
      })
    ).resource("churn-model-trainer-name").inputs;
  const { name, ...rest } = await nameOf(clusterWith({}));
  expect(rest).not.toHaveProperty("spent");
  const jobs = { [String(name)]: "Failed", "churn-model-training-0123456789": "Complete" };
  expect(await nameOf(jobsOf(jobs))).toMatchObject({ name, spent: [name] });
});

test("the trainer may reach the registry on any port", async () => {
  expect(await waysOut({})).toEqual([[53, 53], [80, 443], [5000]]);
  expect(await waysOut({ trackingUri: "https://mlflow.example.com" })).toEqual([
    [53, 53],
    [80, 443],
  ]);
  expect(await waysOut({ trackingUri: "http://mlflow.example.com:5001" })).toEqual([
    [53, 53],
    [80, 443, 5001],
  ]);
});

test("the trainer may reach further ports that the config names", async () => {
  expect(await waysOut({}, { egressPorts: [9000, 443] })).toEqual([[53, 53], [80, 443, 9000], [5000]]);
});
