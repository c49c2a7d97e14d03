import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { standIn } from "../../docker/helpers/stand-in.ts";
import { pythonStandIn } from "../../docker/helpers/stand-in-images.ts";
import { pushed } from "./cluster-images.ts";
import { apply, kubectl, removeNamespace } from "./kubectl.ts";

const PASSWORD = "word-of-a-database";
const KEY = { id: "key-of-a-test", secret: "secret-of-a-test" };
const BUCKET = "models";
/** Service port that differs from the pods' port, as with MinIO's operator and many charts. */
const S3_SERVICE_PORT = 80;
const S3_PORT = 9000;

/** Newest PostgreSQL that is installed from Debian's or Ubuntu's packages. */
function postgresVersion(): string | undefined {
  const folder = "/usr/lib/postgresql";
  const all = existsSync(folder) ? readdirSync(folder) : [];
  return all
    .filter((version) => existsSync(join(folder, version, "bin/initdb")))
    .toSorted((a, b) => Number(a) - Number(b))
    .at(-1);
}

/** What this machine lacks to run the stores in the cluster. */
export const missingForStores = (): string[] => (postgresVersion() ? [] : ["PostgreSQL (package postgresql)"]);

/** Postgres and an S3 server in a namespace of their own. */
export interface Stores extends AsyncDisposable {
  readonly databaseUri: string;
  readonly password: string;
  readonly s3Endpoint: string;
  readonly artifactRoot: string;
  readonly key: typeof KEY;
  /** Returns the rows of a query, with columns separated by `|`. */
  query(sql: string): Promise<string[]>;
  /** Keys of the bucket's objects. */
  objects(): Promise<string[]>;
}

/** @throws Error if they do not start */
export async function startStores(namespace: string): Promise<Stores> {
  await apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...server(namespace, "postgres", await postgresImage(), { port: 5432, targetPort: 5432 }),
    ...server(namespace, "s3", await s3Image(), { port: S3_SERVICE_PORT, targetPort: S3_PORT }),
  );
  const inNamespace = ["--namespace", namespace];
  const wait = ["wait", "pod", "--all", "--for=condition=Ready", "--timeout=120s"];
  await kubectl([...inNamespace, ...wait]);
  const python = (program: string) => kubectl([...inNamespace, "exec", "s3", "--", "python", "-c", program]);
  const client = `import boto3; s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:${S3_PORT}", aws_access_key_id="${KEY.id}", aws_secret_access_key="${KEY.secret}", region_name="us-east-1")`;
  await python(`${client}; s3.create_bucket(Bucket="${BUCKET}")`);
  // By address, because Moto reads the first part of a host name as the bucket.
  const address = await kubectl([...inNamespace, "get", "service", "s3", "--output", "jsonpath={.spec.clusterIP}"]);
  const lines = (text: string) => text.split("\n").filter(Boolean);
  return {
    databaseUri: `postgresql://mlflow:${PASSWORD}@postgres.${namespace}.svc:5432/postgres`,
    password: PASSWORD,
    s3Endpoint: `http://${address}:${S3_SERVICE_PORT}`,
    artifactRoot: `s3://${BUCKET}/mlflow`,
    key: KEY,
    query: async (sql) => {
      const psql = ["psql", `postgresql://mlflow:${PASSWORD}@127.0.0.1/postgres`, "--tuples-only", "--no-align"];
      return lines(await kubectl([...inNamespace, "exec", "postgres", "--", ...psql, "--command", sql]));
    },
    objects: async () =>
      lines(await python(`${client}; [print(o["Key"]) for o in s3.list_objects_v2(Bucket="${BUCKET}")["Contents"]]`)),
    [Symbol.asyncDispose]: async () => void (await removeNamespace(namespace)),
  };
}

interface Ports {
  readonly port: number;
  readonly targetPort: number;
}

const server = (namespace: string, name: string, image: string, { port, targetPort }: Ports): object[] => [
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name, image, readinessProbe: { tcpSocket: { port: targetPort }, periodSeconds: 1 } }],
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port, targetPort }] },
  },
];

/** Of this machine's PostgreSQL. */
const postgresImage = () =>
  pushed("postgres", async () => {
    const version = postgresVersion() ?? "";
    const [programs, shared] = [`/usr/lib/postgresql/${version}`, `/usr/share/postgresql/${version}`];
    const bin = join(programs, "bin");
    const image = await standIn("stand-in/postgres:debian", {
      programs: Object.fromEntries(["initdb", "postgres", "psql"].map((name) => [join(bin, name), join(bin, name)])),
      files: { [join(programs, "lib")]: join(programs, "lib"), [shared]: shared },
      environment: { PATH: `${bin}:/usr/bin:/bin` },
    });
    return [
      `FROM ${image}`,
      "RUN echo 'postgres:x:1000:1000::/tmp:/bin/sh' >>/etc/passwd",
      "USER 1000",
      `CMD ["sh", "-c", "${[
        `echo ${PASSWORD} >/tmp/password`,
        "initdb --pgdata /tmp/data --username mlflow --pwfile /tmp/password --auth scram-sha-256 --locale C --encoding UTF8",
        "echo host all all all scram-sha-256 >>/tmp/data/pg_hba.conf",
        "exec postgres -D /tmp/data -h 0.0.0.0 -k /tmp",
      ].join(" && ")}"]`,
      "",
    ].join("\n");
  });

/** Moto's server, which implements S3 and stores objects in memory. */
const s3Image = () =>
  pushed("s3", async () =>
    [
      `FROM ${await pythonStandIn()}`,
      "RUN pip install --no-cache-dir 'moto[s3,server]==5.2.5'",
      "USER 1000",
      `CMD ["moto_server", "--host", "0.0.0.0", "--port", "${S3_PORT}"]`,
      "",
    ].join("\n"),
  );
