import { randomBytes } from "node:crypto";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { isKnown } from "../../../dynamic/provider-inputs.ts";

export interface FreshNameInputs {
  /** The object's first name: a prefix and the hash of its content, 10 digits. */
  readonly content: string;
  /** As an input, the same, so that a preview knows it; as an output, the object's actual name. */
  readonly name: string;
  /** Cluster and namespace: after a move, the previous object may not be deleted yet. */
  readonly where: string;
  /** Names of objects that must be replaced although their content is the same, such as a failed Job. */
  readonly spent?: readonly string[];
}

/** Returns a new name of the same form and length. */
export const freshName = (content: string): string =>
  content.replace(/[0-9a-f]{10}$/, () => randomBytes(5).toString("hex"));

/** Whether the object must be replaced: its content or namespace has changed, or it is spent. */
export const needsFreshName = (olds: FreshNameInputs, { content, where, spent = [] }: FreshNameInputs): boolean =>
  !isKnown(content) || olds.content !== content || olds.where !== where || spent.includes(olds.name);

export const provider = defineProvider({
  async diff(_id: string, olds: FreshNameInputs, news: FreshNameInputs) {
    return { changes: needsFreshName(olds, news) };
  },
  async create(inputs: FreshNameInputs) {
    const { content, spent = [] } = inputs;
    return { id: content, outs: { ...inputs, name: spent.includes(content) ? freshName(content) : content } };
  },
  async update(_id: string, _olds: FreshNameInputs, news: FreshNameInputs) {
    return { outs: { ...news, name: freshName(news.content) } };
  },
  async delete() {
    // A name needs no deletion.
  },
});
