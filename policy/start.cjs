// Pulumi requires a pack through ts-node, which takes no ES modules; Node itself runs their TypeScript.
module.exports = import("./index.ts");
