/**
 * The archive a kernel takes its first file system from: cpio, "new ASCII" form
 * (Linux Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 *     "070701" + 13 fields of 8 hex digits | name NUL, padded to 4 | data, padded to 4
 */

/** One entry. `mode` is st_mode with its file type bits; `device` is major and minor of a device node. */
export type Entry = {
  readonly name: string;
  readonly mode: number;
  readonly data?: Uint8Array;
  readonly device?: readonly [major: number, minor: number];
};

/** st_mode of a folder, of a program and of a character device. */
export const FOLDER = 0o040755;
export const PROGRAM = 0o100755;
export const CHARACTER_DEVICE = 0o020600;

/** The archive's bytes; folders must stand before what is in them. */
export function encodeArchive(entries: readonly Entry[]): Buffer {
  const closing: Entry = { name: 'TRAILER!!!', mode: 0 };
  return Buffer.concat([...entries, closing].flatMap(encodeEntry));
}

function encodeEntry(entry: Entry, index: number): Buffer[] {
  const data = Buffer.from(entry.data ?? []);
  const name = Buffer.from(`${entry.name}\0`);
  const [major, minor] = entry.device ?? [0, 0];
  const fields = [index + 1, entry.mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [padded(Buffer.concat([header, name])), padded(data)];
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
