import type * as pulumi from "@pulumi/pulumi";

/** Expected properties of a container, as the program describes them. */
export interface ContainerExpectation {
  readonly id: pulumi.Input<string>;
  /** `repository@sha256:…`, or the id of an image that exists only on this machine. */
  readonly image: pulumi.Input<string>;
  readonly limits: pulumi.Input<ContainerLimits>;
  /** Packages that an image built here must contain, version by name. */
  readonly dependencies?: pulumi.Input<Readonly<Record<string, string>>>;
  /** Docker engine, if it is not the machine's own. */
  readonly host?: pulumi.Input<string>;
}

interface ContainerLimits {
  readonly memoryMb: number;
  readonly cpus: number;
  readonly pids: number;
}

/** A ContainerExpectation with plain values. */
export interface ExpectedContainer {
  readonly id: string;
  readonly image: string;
  readonly limits: ContainerLimits;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly host?: string;
}

/** Limits and installed packages as a process in the container sees them. Sizes in bytes; -1 means no limit. */
export interface InsideContainer {
  readonly memoryLimit: number;
  /** Peak usage since the start. */
  readonly memoryPeak: number;
  /** Cores. */
  readonly cpus: number;
  readonly pids: number;
  readonly uid: number;
  /** Effective capabilities, hexadecimal. */
  readonly capabilities: string;
  readonly noNewPrivileges: boolean;
  readonly rootWritable: boolean;
  readonly node: string;
  /** Versions of the installed packages, and of those in the image's own lock file. */
  readonly installed: Readonly<Record<string, string>>;
  readonly locked: Readonly<Record<string, string>>;
}

export interface ObservedContainer {
  /** Id of the image that it runs. */
  readonly runs: string;
  /** Id of the image that it should run. */
  readonly expected: string;
  readonly inside: InsideContainer;
}

interface ContainerProof {
  readonly proof: "image" | "dependencies" | "limits";
  readonly passed: boolean;
  /** One line. */
  readonly detail: string;
}

/** Judges an observed container and returns every proof. @param seen a string if it could not be observed: the reason */
export function judgeContainer(seen: ObservedContainer | string, expected: ExpectedContainer): ContainerProof[] {
  if (typeof seen === "string")
    return (["image", "dependencies", "limits"] as const).map((proof) => ({ proof, passed: false, detail: seen }));
  return [
    seen.runs === seen.expected
      ? { proof: "image", passed: true, detail: `runs ${expected.image}` }
      : {
          proof: "image",
          passed: false,
          detail: `runs ${seen.runs}, but ${expected.image} (${seen.expected}) was approved`,
        },
    dependencies(seen.inside, expected),
    limits(seen.inside, expected.limits),
  ];
}

function dependencies({ node, installed, locked }: InsideContainer, expected: ExpectedContainer): ContainerProof {
  const proof = "dependencies";
  const wrong = [
    ...differences(installed, locked, "installed", "its lock file"),
    ...(expected.dependencies ? differences(locked, expected.dependencies, "its lock file", "package-lock.json") : []),
  ];
  if (wrong.length > 0) return { proof, passed: false, detail: wrong.join(", ") };
  const count = Object.keys(locked).length;
  if (count === 0) return { proof, passed: false, detail: "the image has no lock file to compare with" };
  return { proof, passed: true, detail: `${count} packages at their locked versions, Node ${node}` };
}

function differences(is: Packages, wanted: Packages, here: string, there: string): string[] {
  const names = [...new Set([...Object.keys(is), ...Object.keys(wanted)])].sort();
  return names.flatMap((name) =>
    is[name] === wanted[name] ? [] : [`${name}: ${here} ${is[name] ?? "none"}, ${there} ${wanted[name] ?? "none"}`],
  );
}
type Packages = Readonly<Record<string, string>>;

const MB = 2 ** 20;

function limits(inside: InsideContainer, { memoryMb, cpus, pids }: ContainerLimits): ContainerProof {
  const wrong = [
    ...(inside.memoryLimit === memoryMb * MB ? [] : [`memory limit ${inMb(inside.memoryLimit)}, not ${memoryMb} MB`]),
    ...(Math.abs(inside.cpus - cpus) < 0.01
      ? []
      : [`${inside.cpus === -1 ? "no limit of" : inside.cpus} cores, not ${cpus}`]),
    ...(inside.pids === pids ? [] : [`${inside.pids === -1 ? "no limit of" : inside.pids} processes, not ${pids}`]),
    ...(inside.uid === 0 ? ["runs as root"] : []),
    ...(/^0+$/.test(inside.capabilities) ? [] : [`has capabilities ${inside.capabilities}`]),
    ...(inside.noNewPrivileges ? [] : ["may gain privileges"]),
    ...(inside.rootWritable ? ["can write to its image"] : []),
  ];
  if (wrong.length > 0) return { proof: "limits", passed: false, detail: wrong.join(", ") };
  const used = Math.round(inside.memoryPeak / MB);
  const detail =
    `memory peak ${used} of ${memoryMb} MB, ${cpus} cores, ${pids} processes, ` +
    `user ${inside.uid}, no capabilities, no new privileges, read-only`;
  return { proof: "limits", passed: true, detail };
}

const inMb = (bytes: number) => (bytes === -1 ? "none" : `${Math.round(bytes / MB)} MB`);
