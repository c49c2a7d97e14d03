import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

// state.json is what a policy leaves that makes TOKEN and PASSWORD secret while the program ignores changes of the environment: secret
// inputs, plain outputs. Nothing else differs from what the program says.
const variant = new pulumi.Config().getNumber("variant") ?? 0;
const environment = { NAME: variant === 5 ? "ignored" : "trainer", TOKEN: "", PASSWORD: "" };
const opts: pulumi.CustomResourceOptions[] = [
  { ignoreChanges: ["environment"] },
  { ignoreChanges: ["environment.*"] },
  {},
  { ignoreChanges: ["environment"], additionalSecretOutputs: ["environment"] },
  { ignoreChanges: ["environment", "environment.*"] },
  { ignoreChanges: ["environment.*"] },
];
const trainer = new command.local.Command(
  "trainer",
  {
    create: `echo "ran as $NAME" >> "$CLOUD_DIR/journal.log"; echo ${variant === 5 ? "other" : "ok"}`,
    environment,
    triggers: ["data"],
  },
  opts[variant],
);
export const stdout = trainer.stdout;
