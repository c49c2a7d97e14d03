// Loaded into the program before the SDK. The SDK notes a stack trace with each promise, and source-map-support rewrites every
// frame of it: half of the time that a program needs for a resource. A trace is rewritten only where that could change what
// somebody is shown, in the user's own code, and only if that has a source map.
const { createRequire } = require("node:module");

let support;
try {
  support = createRequire(process.argv[1] ?? "")("source-map-support");
} catch (error) {
  // An SDK that brings no source maps rewrites nothing.
  if (error.code !== "MODULE_NOT_FOUND") throw error;
}

if (support) {
  support.install();
  // The SDK's own call of install() leaves the hook alone from now on.
  const rewrite = Error.prepareStackTrace;
  const known = new Map();
  const isMapped = (frame) => {
    const file = frame.getFileName();
    if (!file || file.startsWith("node:")) return false;
    let mapped = known.get(file);
    if (mapped === undefined) {
      mapped = !/[\\/]node_modules[\\/]/.test(file) && support.retrieveSourceMap(file) !== null;
      known.set(file, mapped);
    }
    return mapped;
  };
  const toText = (error, frames) =>
    frames.some(isMapped)
      ? rewrite(error, frames)
      : [Error.prototype.toString.call(error), ...frames].join("\n    at ");
  // The trace of a promise is shown when the promise is never settled: it becomes text then.
  const isOfPromise = (frame) =>
    /[\\/]@pulumi[\\/]pulumi[\\/]runtime[\\/]debuggable\.js$/.test(frame?.getFileName() ?? "");
  Error.prepareStackTrace = (error, frames) =>
    isOfPromise(frames[0]) ? { toString: () => toText(error, frames) } : toText(error, frames);
}
