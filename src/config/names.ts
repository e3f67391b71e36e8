/** Names of numbers, as iproute2's files have them: of routing tables, protocols, scopes and values of the TOS field. */
import type { Reader } from './reader.js';

export type NameKind = 'rt_tables' | 'rt_protos' | 'rt_scopes' | 'rt_dsfield';

export type NameTable = {
  /** Where a name would have to be, for people. */
  readonly file: string;
  readonly numbers: ReadonlyMap<string, number>;
};

/** The names of a kind, read when they are asked for. */
export type Names = (kind: NameKind) => NameTable;

/** Where no file is read. */
export const NO_NAMES: Names = (kind) => ({ file: kind, numbers: new Map() });

const OWN = '/etc/iproute2';
const USUAL = '/usr/share/iproute2';

/** The usual file counts where there is no own one; what is in files beside them counts too, and the own ones before the usual. */
export function namesFrom(reader: Reader): Names {
  const known = new Map<NameKind, NameTable>();
  return (kind) => {
    const table = known.get(kind) ?? readNames(kind, reader);
    known.set(kind, table);
    return table;
  };
}

function readNames(kind: NameKind, { read, list }: Reader): NameTable {
  const textOf = (file: string) => {
    const found = read(file);
    return 'text' in found ? found.text : undefined;
  };
  const own = textOf(`${OWN}/${kind}`);
  const usual = own === undefined ? textOf(`${USUAL}/${kind}`) : undefined;
  const beside = [USUAL, OWN].flatMap((folder) => list(`${folder}/${kind}.d/*.conf`, folder)).map(textOf);
  const texts = [own, usual, ...beside].filter((text) => text !== undefined);
  return {
    file: `${usual === undefined ? OWN : USUAL}/${kind}`,
    numbers: new Map(texts.flatMap(parseNames)),
  };
}

/** A number and a name a line, whatever is behind them; other lines say nothing. */
function parseNames(text: string): (readonly [string, number])[] {
  return text.split('\n').flatMap((line) => {
    const [, number, name] = /^\s*(0x[0-9a-f]+|\d+)\s+([^\s#]+)/i.exec(line) ?? [];
    return number === undefined || name === undefined ? [] : [[name, Number(number)] as const];
  });
}
