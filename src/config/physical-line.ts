/** A line as it stands in a file: its comment taken off, what cannot be read refused. */
import { uncomment } from './comment.js';
import type { Report } from './report.js';
import { placeAt, type Text } from './text.js';

export type PhysicalLine = 'empty' | 'passed over' | { readonly line: Text; readonly continued: boolean };

/** keepalived's MAXBUF less its end mark. */
const LINE_BYTES = 1023;

export function physicalLine(raw: Text, report: Report): PhysicalLine {
  if (raw.text === '') return 'empty';
  const place = placeAt(raw, 0);
  if (raw.text.length > LINE_BYTES / 4 && Buffer.byteLength(raw.text) > LINE_BYTES) {
    report.error(place, `line of ${Buffer.byteLength(raw.text)} bytes: expected at most ${LINE_BYTES}`);
    return 'passed over';
  }
  if (raw.text.includes('\0')) {
    report.error(placeAt(raw, raw.text.indexOf('\0')), 'a NUL character in the line');
    return 'passed over';
  }
  const uncommented = uncomment(raw);
  if (uncommented.openQuote !== undefined) {
    report.error(placeAt(raw, uncommented.openQuote), 'no closing " on this line');
  }
  return uncommented.line.text === '' && !uncommented.continued ? 'passed over' : uncommented;
}
