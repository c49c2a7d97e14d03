import type { MlflowClient } from "../../../registry/mlflow-client.ts";
import { byHand } from "../../helpers/registry/by-hand.ts";
import { type JudgedModel, judgedModel } from "../../helpers/registry/judged-model.ts";

/** A registry in which version 1 is in production, and version 2 is approved against it. */
export interface Scene {
  readonly client: MlflowClient;
  readonly model: JudgedModel;
  readonly hand: ReturnType<typeof byHand>;
}

/** A way to a wrong promotion. */
export interface GuardMutant {
  readonly name: string;
  /** What the refusal has to say. */
  readonly says: string;
  /** Spoils the scene. */
  readonly mutate: (scene: Scene) => Promise<unknown>;
  /** What must be refused then: that version 2 goes to production, unless another question is given. */
  readonly ask?: (scene: Scene) => Promise<unknown>;
}

let models = 0;

/** Each has a model of its own: what one mutant spoils no other sees. */
export async function makeScene(client: MlflowClient): Promise<Scene> {
  const name = `mutant-${++models}`;
  const model = judgedModel(client, name);
  await model.promote(await model.approved());
  await model.approved();
  return { client, model, hand: byHand(client, name) };
}

/** What was refused, in the words of the refusal; undefined when nothing was, or for another reason. */
export async function caughtByGuard(
  client: MlflowClient,
  { mutate, ask, says }: GuardMutant,
): Promise<string | undefined> {
  const scene = await makeScene(client);
  await mutate(scene);
  const question = ask ?? (({ model }) => model.ask("2"));
  const message = await question(scene).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return message?.includes(says) ? message : undefined;
}
