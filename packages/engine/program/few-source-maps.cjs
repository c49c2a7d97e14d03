// Loaded into the program before the SDK. The SDK records a stack trace for each promise, and source-map-support rewrites all its
// frames, which takes half of a program's time per resource. Such a trace is shown only if its promise never settles, so it is
// rewritten only then. All other traces are rewritten as usual.
const { createRequire } = require("node:module");

let support;
try {
  support = createRequire(process.argv[1] ?? "")("source-map-support");
} catch (error) {
  // This SDK does not use source-map-support.
  if (error.code !== "MODULE_NOT_FOUND") throw error;
}

if (support) {
  support.install();
  // After this, the SDK's own call of install() does not change the hook.
  const rewrite = Error.prepareStackTrace;
  const isOfPromise = (frame) =>
    /[\\/]@pulumi[\\/]pulumi[\\/]runtime[\\/]debuggable\.js$/.test(frame?.getFileName() ?? "");
  Error.prepareStackTrace = (error, frames) =>
    isOfPromise(frames[0]) ? { toString: () => rewrite(error, frames) } : rewrite(error, frames);
}
