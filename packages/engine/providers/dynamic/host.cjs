// Runs the providers of dynamic resources. It does what the SDK's own process does (`@pulumi/pulumi/cmd/dynamic-provider`), call
// by call, but loads nothing of the SDK unless a provider asks for it: starting that process cost more than half of an update
// that changes nothing. CommonJS, because a provider's text is a CommonJS module and is compiled here as the SDK compiles it.
const Module = require("node:module");
const { inspect } = require("node:util");

const PROVIDER = "__provider";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const project = process.argv[2] ?? "";

let config = {};
/** By text: compiled, and those of them that have been configured. */
const compiled = new Map();
const providers = new Map();

/** Stack traces and causes are for those who ask for them; the engine shows a failed call's message with its resource. */
const isDebugging = !["", "0", "false"].includes(process.env.PULUMI_DEBUG ?? "");

// A provider that fails out of turn is reported and does not take the others with it.
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

/** Once for each text, configured before its first call. */
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
  /** What the state's resources have will be asked for, most likely: it is compiled while the program loads. */
  expect({ sources }) {
    for (const source of sources) {
      try {
        compiledOf(source);
      } catch {
        // Told by the first call, if there is one.
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

/** What failed in these was half done, perhaps: the error says so by its fields, and the engine keeps it. */
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
    // A function, say: no value of a resource.
    process.send({ call, error: { message: "Unexpected struct type." } });
  }
});
process.on("disconnect", () => process.exit(1));
