// Runs the providers of dynamic resources. It behaves like the SDK's own process (`@pulumi/pulumi/cmd/dynamic-provider`), but
// does not load the SDK unless a provider requires it: starting the SDK's process took more than half of an update without
// changes. CommonJS, because a provider's code is a CommonJS module, and is compiled here as the SDK compiles it.
const Module = require("node:module");
const { inspect } = require("node:util");

const PROVIDER = "__provider";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const project = process.argv[2] ?? "";

let config = {};
/** Providers by their code: compiled, and configured. */
const compiled = new Map();
const providers = new Map();

/** Whether to print stack traces and causes. The engine shows a failed call's message with its resource. */
const isDebugging = !["", "0", "false"].includes(process.env.PULUMI_DEBUG ?? "");

// An error outside a call is reported, and does not stop other providers.
const reported = new Set();
const report = (error) => {
  if (!reported.has(error)) console.error(isDebugging ? inspect(error) : String(error));
  reported.add(error);
};
process.on("uncaughtException", report).on("unhandledRejection", report);

function compile(source) {
  if (typeof source !== "string") throw new Error(`code must be a string, not ${typeof source}`);
  const module = new Module("", null);
  module.filename = "";
  module.paths = Module._nodeModulePaths(".");
  module._compile(source, "");
  return module.exports;
}

function compiledOf(source) {
  if (!compiled.has(source)) compiled.set(source, compile(source).handler());
  return compiled.get(source);
}

/** Returns a provider, configured before its first call. */
async function providerOf(props) {
  const source = props[PROVIDER];
  let provider = providers.get(source);
  if (!provider) {
    provider = compiledOf(source);
    providers.set(source, provider);
    if (provider.configure) await provider.configure({ config: { get, require: requireKey } });
  }
  return provider;
}

const get = (key) => config[key.includes(":") ? key : `${project}:${key}`];
function requireKey(key) {
  const value = get(key);
  if (value === undefined)
    throw new Error(`Missing required configuration key: ${key.includes(":") ? key : `${project}:${key}`}`);
  return value;
}

const withProvider = (outs, props) => Object.assign(outs || {}, { [PROVIDER]: props[PROVIDER] });

const METHODS = {
  /** Compiles the providers of the state's resources while the program loads, because they will probably be needed. */
  expect({ sources }) {
    for (const source of sources) {
      try {
        compiledOf(source);
      } catch {
        // The first call reports it, if there is one.
      }
    }
  },
  configure({ config: values }) {
    config = Object.fromEntries(Object.entries(values).filter(([key]) => key !== PROVIDER));
  },
  async check({ olds, news }) {
    const provider = await providerOf(news[PROVIDER] === UNKNOWN ? olds : news);
    const result = provider.check ? await provider.check(olds, news) : {};
    const inputs = result.inputs || news;
    inputs[PROVIDER] = news[PROVIDER];
    return { inputs, failures: result.failures ?? [] };
  },
  async diff({ id, olds, news }) {
    const provider = await providerOf(news[PROVIDER] === UNKNOWN ? olds : news);
    if (!provider.diff) return {};
    const { changes, replaces, deleteBeforeReplace } = await provider.diff(id, olds, news);
    return { changes, replaces, deleteBeforeReplace };
  },
  async create({ props }) {
    const provider = await providerOf(props);
    const { id, outs } = await provider.create(props);
    return { id, outs: withProvider(outs, props) };
  },
  async read({ id, props }) {
    const provider = await providerOf(props);
    if (!provider.read) return { id, props };
    const result = await provider.read(id, props);
    return {
      id: result.id,
      props: withProvider(result.props, props),
      ...(result.inputs && { inputs: withProvider(result.inputs, props) }),
    };
  },
  async update({ id, olds, news }) {
    const provider = await providerOf(news);
    const result = provider.update ? await provider.update(id, olds, news) : undefined;
    return { outs: withProvider(result?.outs, news) };
  },
  async delete({ id, props }) {
    const provider = await providerOf(props);
    if (provider.delete) await provider.delete(id, props);
  },
};

/** Methods that may fail partially: the error's fields then contain the resource, which the engine keeps. */
const KEEPS_PARTIAL = new Set(["create", "update"]);

function describe(error, method) {
  if (isDebugging) console.error(inspect(error));
  const message = error?.message ?? String(error);
  return KEEPS_PARTIAL.has(method) && error?.id
    ? { message, partial: { id: error.id, properties: error.properties || {}, reasons: error.reasons || [] } }
    : { message };
}

process.on("message", async ({ call, method, args }) => {
  let answer;
  try {
    answer = { call, result: await METHODS[method](args) };
  } catch (error) {
    answer = { call, error: describe(error, method) };
  }
  try {
    process.send(answer);
  } catch {
    // The result cannot be serialized, for example because it contains a function.
    process.send({ call, error: { message: "Unexpected struct type." } });
  }
});
process.on("disconnect", () => process.exit(1));
