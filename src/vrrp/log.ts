/** Whom the parts of the director tell what people should know. */
export type VrrpLog = Readonly<Record<'info' | 'warn', (fields: object, text: string) => void>>;
