/**
 * The answer of a provider's `check` that adds inputs which no program gives, looked up where the resource will work. What cannot be looked up is a
 * failure of the check: the engine shows it in one sentence, in a preview as in an update.
 */
export async function withLookedUp<Inputs extends object, More extends object>(
  news: Inputs,
  lookUp: (news: Inputs) => Promise<More>,
): Promise<{ inputs: Inputs & Partial<More>; failures: { property: string; reason: string }[] }> {
  try {
    return { inputs: { ...news, ...(await lookUp(news)) }, failures: [] };
  } catch (error) {
    return {
      inputs: news,
      failures: [{ property: "", reason: error instanceof Error ? error.message : String(error) }],
    };
  }
}
