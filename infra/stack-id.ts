import * as pulumi from "@pulumi/pulumi";

/** The stack being deployed, as `project/stack`: the owner of its files, processes and registry stages. */
export const stackId = (): string => `${pulumi.getProject()}/${pulumi.getStack()}`;

/** Name of this stack's object on a shared machine: `project.stack.name`. */
export const ownName = (name: string): string => `${pulumi.getProject()}.${pulumi.getStack()}.${name}`;
