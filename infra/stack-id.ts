import * as pulumi from "@pulumi/pulumi";

/** The stack that is being deployed, as `project/stack`: what its files, processes and stages in the registry belong to. */
export const stackId = (): string => `${pulumi.getProject()}/${pulumi.getStack()}`;

/** Name of something of this stack on a machine that it shares with others: `project.stack.name`. */
export const ownName = (name: string): string => `${pulumi.getProject()}.${pulumi.getStack()}.${name}`;
