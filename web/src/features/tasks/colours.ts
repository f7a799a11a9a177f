import { type ShjLanguageData, type ShjToken, tokenizeWith } from '@speed-highlight/core/tokenize';
import bash from '@speed-highlight/core/languages/bash.js';
import c from '@speed-highlight/core/languages/c.js';
import css from '@speed-highlight/core/languages/css.js';
import docker from '@speed-highlight/core/languages/docker.js';
import go from '@speed-highlight/core/languages/go.js';
import html from '@speed-highlight/core/languages/html.js';
import ini from '@speed-highlight/core/languages/ini.js';
import java from '@speed-highlight/core/languages/java.js';
import js from '@speed-highlight/core/languages/js.js';
import json from '@speed-highlight/core/languages/json.js';
import lua from '@speed-highlight/core/languages/lua.js';
import make from '@speed-highlight/core/languages/make.js';
import md from '@speed-highlight/core/languages/md.js';
import py from '@speed-highlight/core/languages/py.js';
import rs from '@speed-highlight/core/languages/rs.js';
import sql from '@speed-highlight/core/languages/sql.js';
import toml from '@speed-highlight/core/languages/toml.js';
import ts from '@speed-highlight/core/languages/ts.js';
import xml from '@speed-highlight/core/languages/xml.js';
import yaml from '@speed-highlight/core/languages/yaml.js';
import type { PatchLine } from './patch';
import type { CodePiece, Grammar } from './syntax';

// Its own types leave out what they leave undefined.
const languages = {
  bash,
  c,
  css,
  docker,
  go,
  html,
  ini,
  java,
  js,
  json,
  lua,
  make,
  md,
  py,
  rs,
  sql,
  toml,
  ts,
  xml,
  yaml,
} satisfies Record<Grammar, unknown> as unknown as Record<Grammar, ShjLanguageData>;

const KINDS: Partial<Record<ShjToken, CodePiece['kind']>> = {
  kwd: 'word',
  section: 'word',
  str: 'text',
  esc: 'text',
  num: 'value',
  bool: 'value',
  var: 'value',
  func: 'name',
  class: 'name',
  type: 'name',
  cmnt: 'note',
};

// Nobody reads a line like that, and a machine would take long.
const LONGEST_LINE = 2_000;

export type ColouredLines = ReadonlyMap<PatchLine, readonly CodePiece[]>;

/** The pieces of each line, read hunk by hunk: what was, and what is, each as the code it is. */
export function colouredLines(grammar: Grammar, lines: readonly PatchLine[]): ColouredLines {
  const pieces = new Map<PatchLine, readonly CodePiece[]>();
  let [before, after]: [PatchLine[], PatchLine[]] = [[], []];
  const read = () => {
    // What stands in both is coloured as it is now.
    for (const side of [before, after]) {
      const coloured = piecesOf(
        grammar,
        side.map(({ text }) => text),
      );
      side.forEach((line, index) => pieces.set(line, coloured[index] ?? []));
    }
    [before, after] = [[], []];
  };
  for (const line of lines) {
    if (line.text.length > LONGEST_LINE) continue;
    if (line.kind === 'hunk') read();
    if (line.kind === 'same' || line.kind === 'removed') before.push(line);
    if (line.kind === 'same' || line.kind === 'added') after.push(line);
  }
  read();
  return pieces;
}

function piecesOf(grammar: Grammar, lines: readonly string[]): CodePiece[][] {
  const found: CodePiece[][] = [[]];
  const take = (text: string, token?: ShjToken) => {
    const kind = (token && KINDS[token]) ?? null;
    text.split('\n').forEach((part, index) => {
      if (index > 0) found.push([]);
      if (part !== '') found.at(-1)?.push({ text: part, kind });
    });
  };
  tokenizeWith(lines.join('\n'), languages[grammar], take, { languages });
  return found;
}
