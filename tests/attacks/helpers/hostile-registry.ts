import { MlflowClient } from "../../../registry/mlflow-client.ts";
import type { ModelVersion } from "../../../registry/model-versions.ts";
import { type Handler, json, serve } from "../../helpers/http-server.ts";

export interface Listed {
  readonly path: string;
  readonly is_dir?: boolean;
}

export interface HostileRegistry {
  /** By folder below the model, "" for the top. */
  readonly list?: (folder: string) => readonly Listed[];
  /** Answers the download of a file. */
  readonly file?: Handler;
  readonly source?: string;
  /** What get-download-uri answers. */
  readonly downloadUri?: string;
}

const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";

/** An MLflow server in an attacker's hands: it lists and gives out whatever it likes. */
export async function hostileRegistry({ list = () => [], file, source, downloadUri }: HostileRegistry) {
  const server = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.path, "http://registry");
    if (pathname.endsWith("/get-download-uri")) return json(response, { artifact_uri: downloadUri });
    if (pathname !== ARTIFACTS) return file ? file(request, response) : response.end("content");
    const folder = (searchParams.get("path") ?? "").replace(/^1\/r\/artifacts\/model\/?/, "");
    json(response, { files: list(folder).map(({ path, is_dir = false }) => ({ path, is_dir })) });
  });
  const client = new MlflowClient({ trackingUri: server.url, token: "canary-token" });
  const version: ModelVersion = {
    name: "churn-model",
    version: "1",
    runId: "r",
    stage: "None",
    status: "READY",
    tags: {},
    aliases: [],
    description: "",
    source: source ?? "mlflow-artifacts:/1/r/artifacts/model",
  };
  return { server, client, version, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
