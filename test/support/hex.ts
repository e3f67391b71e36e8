/** Bytes written out for people: hexadecimal digits, spaces and line breaks anywhere, comments from # to the end of a line. */
export function hex(text: string): Buffer {
  const digits = text.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, '');
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`not hexadecimal: ${digits}`);
  return Buffer.from(digits, 'hex');
}
