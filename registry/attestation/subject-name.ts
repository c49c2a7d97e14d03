/** What a statement's subject is called. */
export const subjectName = (modelName: string, version: string): string => `models:/${modelName}/${version}`;
