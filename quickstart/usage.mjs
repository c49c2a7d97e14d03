// @ts-check
export const USAGE =
  "usage: npm run quickstart -- [--verbose] [--engine embedded|pulumi] [--mlflow-port N] [--staging-port N] [--production-port N]";
