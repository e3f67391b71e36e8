/** One step of a translation: what a piece of an expression is in JavaScript's words and where it ends, or why it has none. */
export type Step = { readonly out: string; readonly end: number } | { readonly fault: string };
