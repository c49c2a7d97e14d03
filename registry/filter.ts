/** A text as a literal of MLflow's filter language. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
