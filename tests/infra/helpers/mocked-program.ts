import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";

export interface Registered {
  readonly type: string;
  readonly name: string;
  /** Inputs as registered, with secrets in plain text and without the code of dynamic providers. */
  readonly inputs: Record<string, unknown>;
  /** Names of the inputs that are secrets. */
  readonly secrets: readonly string[];
  readonly options: Pick<pulumi.CustomResourceOptions, (typeof OPTIONS)[number]>;
}

/** Options that affect deletion. */
const OPTIONS = ["protect", "retainOnDelete", "deleteBeforeReplace", "ignoreChanges"] as const;

export interface Mocked {
  /** Sorted by name. */
  readonly resources: readonly Registered[];
  readonly outputs: Record<string, unknown>;
  /** Returns the resource of that name. @throws Error if there is none */
  resource(name: string): Registered;
  /** Names of the resources that a resource depends on, which a destroy deletes after it. */
  before(name: string): ReadonlySet<string>;
  /** Names of the resources whose outputs are in a resource's inputs: if one of them must be deleted before its replacement, so must this one. */
  readsOutputsOf(name: string): ReadonlySet<string>;
}

/** Outputs in addition to the inputs, by name, for resources whose outputs are not derived from them. */
export type Answers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The SDK's wire format of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const isSecret = (value: unknown): value is { value: unknown } => value instanceof Object && SIGNATURE in value;
const unwrap = (value: unknown): unknown => (isSecret(value) ? value.value : value);

const PROJECT = "model-promotion";

/**
 * Runs a program with Pulumi's mocks instead of engine and providers, and returns the resources that it registered.
 * @param preview whether to run as in the first preview of a stack, in which all outputs are unknown
 */
export async function runMocked(
  stack: string,
  config: Readonly<Record<string, string>>,
  answers: Answers,
  program: () => Promise<pulumi.Inputs>,
  preview = false,
): Promise<Mocked> {
  const resources: Registered[] = [];
  const options = new Map<string, Registered["options"]>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        if (type === "pulumi:pulumi:Stack") return { id: name, state: {} };
        const { __provider: _, ...shown } = inputs;
        const secrets = Object.keys(shown).filter((key) => isSecret(shown[key]));
        const plain = Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, unwrap(value)]));
        resources.push({ type, name, inputs: plain, secrets, options: options.get(name) ?? {} });
        // A preview also reads other stacks.
        if (preview && type !== "pulumi:pulumi:StackReference") return { id: "", state: {} };
        return { id: id || `${name}-id`, state: { name, ...inputs, ...answers[name] } };
      },
      call: ({ inputs }) => inputs,
    },
    PROJECT,
    stack,
    preview,
    "organization",
  );
  const dependencies = recordDependencies();
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(config).map(([key, value]) => [`${PROJECT}:${key}`, value])),
  );
  const outputs = await new Promise<Record<string, unknown>>((done, fail) => {
    const stackOf = async () => {
      // Mocks do not receive options; a transformation does.
      await pulumi.runtime.runInPulumiStack(async () => {
        pulumi.runtime.registerStackTransformation(({ name, props, opts }) => {
          const given = OPTIONS.map((key) => [key, (opts as pulumi.CustomResourceOptions)[key]] as const);
          options.set(name, Object.fromEntries(given.filter(([, value]) => value !== undefined)));
          return { props, opts };
        });
      });
      return program();
    };
    // Unknown outputs are never passed on.
    const hand = (inputs: pulumi.Inputs) =>
      preview ? done({}) : pulumi.output(inputs).apply((values) => done(values as Record<string, unknown>));
    stackOf().then(hand, fail);
  });
  // Resources that no output depends on may register later.
  for (let seen = -1; seen !== resources.length; await new Promise((again) => setTimeout(again, 50)))
    seen = resources.length;
  resources.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    resources,
    outputs,
    before: (name) => {
      const found = new Set<string>();
      const visit = (each: string) => {
        for (const next of dependencies.get(each)?.all ?? []) {
          if (found.has(next)) continue;
          found.add(next);
          visit(next);
        }
      };
      visit(name);
      return found;
    },
    readsOutputsOf: (name) => new Set(dependencies.get(name)?.inputs ?? []),
    resource: (name) => {
      const found = resources.find((resource) => resource.name === name);
      if (!found) throw new Error(`no resource ${name} among ${resources.map((each) => each.name).join(", ")}`);
      return found;
    },
  };
}

/** Records dependencies, which mocks do not receive, from the requests to the monitor: names by name. */
function recordDependencies(): ReadonlyMap<string, Dependencies> {
  const seen = new Map<string, Dependencies>();
  const monitor = getMonitor() as never as { registerResource(request: Request, answer: unknown): Promise<void> };
  const register = monitor.registerResource.bind(monitor);
  const names = (urns: readonly string[]) => urns.map((urn) => urn.split("::").at(-1) ?? "");
  monitor.registerResource = (request, answer) => {
    const inputs: string[] = [];
    request.getPropertydependenciesMap().forEach((value) => void inputs.push(...names(value.getUrnsList())));
    seen.set(request.getName(), { all: names(request.getDependenciesList()), inputs });
    return register(request, answer);
  };
  return seen;
}

interface Dependencies {
  readonly all: readonly string[];
  /** Of the inputs. */
  readonly inputs: readonly string[];
}

interface Request {
  getName(): string;
  getDependenciesList(): readonly string[];
  getPropertydependenciesMap(): { forEach(visit: (value: { getUrnsList(): readonly string[] }) => void): void };
}
