/** Builds the tree of statements and blocks. What a keyword means is none of its business, but whether it opens a block is. */
import type { Token } from './lexer.js';
import type { Report } from './report.js';
import { type Place, placeAt, type Text } from './text.js';

/** One statement, with the block that follows it. */
export type Node = {
  readonly keyword: string;
  readonly text: Text;
  readonly block?: readonly Node[];
};

/** Which keywords open blocks here. */
export type Grammar = {
  /** The grammar inside the keyword's block; `none` when it opens none, undefined when the keyword is unknown. */
  readonly inside: (keyword: string) => Grammar | 'none' | undefined;
  /** The keyword may also stand without its block. */
  readonly optional?: boolean;
};

/** Any line may have a block or not: for blocks of unknown keywords. */
export const ANYTHING: Grammar = { inside: () => undefined };

/** No line opens a block: for lists of lines. */
export const LINES: Grammar = { inside: () => 'none' };

export type Parser = {
  readonly token: (token: Token) => void;
  /** To be called once every token has been given. */
  readonly end: () => void;
};

type MutableNode = { keyword: string; text: Text; block?: Node[] };
type Frame = {
  readonly nodes: Node[];
  readonly grammar: Grammar;
  readonly opener?: Node;
  readonly place?: Place;
};
/** The statement a brace would belong to. */
type Pending = { readonly node: MutableNode; readonly inside: Grammar | 'none' | undefined };

/**
 * Takes tokens one at a time and gives each statement of the root, whole, to `take`.
 * Faults in the braces are reported and mended, and never stop it.
 */
export function createParser(root: Grammar, report: Report, take: (statement: Node) => void): Parser {
  const bottom: Frame = { nodes: [], grammar: root };
  const frames: Frame[] = [bottom];
  let pending: Pending | undefined;
  const top = () => frames.at(-1) ?? bottom;

  function open(place: Place): void {
    const opened = pending;
    pending = undefined;
    if (opened === undefined) {
      report.error(place, "unexpected '{': no keyword stands before it");
      frames.push({ nodes: [], grammar: ANYTHING, place });
      return;
    }
    if (opened.inside === 'none') report.error(place, `unexpected '{': ${opened.node.keyword} has no block`);
    opened.node.block = [];
    const grammar = opened.inside === 'none' ? ANYTHING : (opened.inside ?? ANYTHING);
    frames.push({ nodes: opened.node.block, grammar, opener: opened.node, place });
  }

  function close(place: Place): void {
    reportMissingBlock();
    pending = undefined;
    if (frames.length === 1) report.error(place, "unexpected '}': no block is open");
    else frames.pop();
  }

  function statement(text: Text): void {
    if (opensBlock(pending)) {
      reportMissingBlock();
      pending.node.block = [];
      frames.push({ nodes: pending.node.block, grammar: pending.inside, opener: pending.node });
    }
    if (frames.length === 1) giveRoot();
    const node: MutableNode = { keyword: firstWord(text.text), text };
    top().nodes.push(node);
    pending = { node, inside: top().grammar.inside(node.keyword) };
  }

  function giveRoot(): void {
    for (const node of bottom.nodes.splice(0)) take(node);
  }

  function reportMissingBlock(): void {
    if (!opensBlock(pending)) return;
    const { text, keyword } = pending.node;
    report.error(placeAt(text, text.text.length), `${keyword}: expected '{' here`);
  }

  return {
    token: (token) => {
      if (token.kind === 'statement') statement(token.text);
      else if (token.kind === 'open') open(token.place);
      else close(token.place);
    },
    end: () => {
      reportMissingBlock();
      for (const { opener, place } of frames.slice(1)) reportUnclosed(report, opener, place);
      giveRoot();
    },
  };
}

function opensBlock(pending: Pending | undefined): pending is Pending & { readonly inside: Grammar } {
  if (typeof pending?.inside !== 'object' || pending.node.block !== undefined) return false;
  return pending.inside.optional !== true;
}

function reportUnclosed(report: Report, opener: Node | undefined, place: Place | undefined): void {
  const at = place ?? (opener && placeAt(opener.text, 0));
  if (at !== undefined) report.error(at, `missing '}': ${opener?.keyword ?? 'this block'} is never closed`);
}

function firstWord(text: string): string {
  return /^"([^"]*)/.exec(text)?.[1] ?? /^[^\s"]*/.exec(text)?.[0] ?? '';
}
