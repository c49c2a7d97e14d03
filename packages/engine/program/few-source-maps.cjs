// Loaded into the program before the SDK. The SDK notes a stack trace with each promise, and source-map-support rewrites every
// frame of it: half of the time that a program needs for a resource. Such a trace is shown when the promise is never settled,
// and becomes text then; all others are rewritten as ever.
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
  const isOfPromise = (frame) =>
    /[\\/]@pulumi[\\/]pulumi[\\/]runtime[\\/]debuggable\.js$/.test(frame?.getFileName() ?? "");
  Error.prepareStackTrace = (error, frames) =>
    isOfPromise(frames[0]) ? { toString: () => rewrite(error, frames) } : rewrite(error, frames);
}
