import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/**
 * Records which resource of which stack owns files on this machine. Two stacks of one clone must not stop each other's processes, and a replaced
 * resource is deleted only after its successor has taken over.
 */
export interface Claim {
  /** `project/stack`. */
  readonly stack: string;
  /** Id of the resource, unique per creation. */
  readonly resource: string;
  /** TCP port that it serves on. */
  readonly port?: number;
}

/** Creates a unique id. Earlier releases used the name alone. */
export const newResourceId = (name: string): string => `${name}#${randomBytes(6).toString("hex")}`;

/** Reads a claim; undefined if there is none, as in earlier releases. @throws Error if the file is not a claim */
export async function readClaim(file: string): Promise<Claim | undefined> {
  const text = await readFile(resolve(file), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const claim = parseClaim(text);
  if (claim) return claim;
  throw new Error(`${file} does not say which stack its files belong to. Remove it if that stack no longer exists`);
}

function parseClaim(text: string): Claim | undefined {
  try {
    const { stack, resource, port }: Record<string, unknown> = JSON.parse(text);
    if (typeof stack !== "string" || typeof resource !== "string") return undefined;
    return { stack, resource, ...(typeof port === "number" && { port }) };
  } catch {
    return undefined;
  }
}

/**
 * Claims files for a resource.
 * @param what the files, for the error
 * @param remedy for the error, a sentence
 * @throws Error if they belong to another stack
 */
export async function takeClaim(file: string, claim: Claim, what: string, remedy: string): Promise<void> {
  const found = await readClaim(file);
  // The same resource under another stack name: the stack was renamed.
  if (found && found.stack !== claim.stack && found.resource !== claim.resource)
    throw new Error(
      `${what} belongs to stack ${found.stack}, but this is stack ${claim.stack}. ${remedy}. If that stack no longer exists, remove ${file}`,
    );
  await mkdir(dirname(resolve(file)), { recursive: true });
  // Atomic: a reader sees either the old or the new claim.
  await writeFile(`${resolve(file)}.new`, JSON.stringify(claim));
  await rename(`${resolve(file)}.new`, resolve(file));
}

export const releaseClaim = (file: string): Promise<void> => rm(resolve(file), { force: true });

const OWNER = ".owner.json";
export const claimFile = (folder: string, name: string): string => join(folder, `${name}${OWNER}`);

/**
 * Describes what uses a port, for an error: the stack that claimed it in this folder, or what the program itself reports.
 * @param folder folder of claims
 * @param name name of the process that wants the port; its own claim is ignored
 */
export async function portHolder(folder: string, port: number, name: string): Promise<string> {
  const files = await readdir(resolve(folder)).catch(() => []);
  for (const file of files.filter((entry) => entry.endsWith(OWNER) && entry !== `${name}${OWNER}`)) {
    const claim = await readClaim(join(folder, file)).catch(() => undefined);
    if (claim?.port === port) return `stack ${claim.stack} (${file.slice(0, -OWNER.length)})`;
  }
  // Loaded only for an error, so that an update without changes does not pay for it.
  const { getFresh, parseHealth } = await import("../../fresh-request.ts");
  const answer = await getFresh(`http://127.0.0.1:${port}/health`).catch(() => undefined);
  const health = answer && parseHealth(answer.body);
  return health ? `a service of ${health.model} version ${health.version} (${health.stage})` : "another program";
}

interface Named {
  readonly processName: string;
  readonly folder: string;
  readonly stack?: string | undefined;
}

/**
 * Returns the name that a process keeps while its resource exists. Earlier releases named it only after its environment, and a new name would restart
 * the service. It gets the new name once another stack has taken the old one.
 */
export async function keptName(olds: Partial<Named>, news: Named): Promise<string> {
  if (olds.processName === undefined || olds.folder !== news.folder) return news.processName;
  const claim = await readClaim(claimFile(news.folder, olds.processName));
  return claim && claim.stack !== news.stack && claim.stack !== olds.stack ? news.processName : olds.processName;
}
