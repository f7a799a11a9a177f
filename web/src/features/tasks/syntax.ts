/** A piece of a line of code, and what it is. */
export interface CodePiece {
  text: string;
  kind: 'word' | 'text' | 'value' | 'name' | 'note' | null;
}

const BY_ENDING = {
  bash: ['sh', 'bash', 'zsh'],
  c: ['c', 'h', 'cc', 'cpp', 'hpp', 'cs'],
  css: ['css', 'scss', 'less'],
  go: ['go'],
  html: ['html', 'htm', 'vue', 'svelte'],
  ini: ['ini', 'cfg', 'conf', 'env'],
  java: ['java', 'kt', 'kts', 'scala', 'swift'],
  js: ['js', 'jsx', 'mjs', 'cjs'],
  json: ['json', 'jsonc'],
  lua: ['lua'],
  md: ['md', 'mdx'],
  py: ['py', 'pyi'],
  rs: ['rs'],
  sql: ['sql'],
  toml: ['toml'],
  ts: ['ts', 'tsx', 'mts', 'cts'],
  xml: ['xml', 'svg', 'xhtml'],
  yaml: ['yaml', 'yml'],
} as const;

export type Grammar = keyof typeof BY_ENDING | 'docker' | 'make';

const GRAMMARS = new Map<string, Grammar>([
  ...Object.entries(BY_ENDING).flatMap(([grammar, endings]) =>
    endings.map((ending): [string, Grammar] => [ending, grammar as Grammar]),
  ),
  ['dockerfile', 'docker'],
  ['containerfile', 'docker'],
  ['makefile', 'make'],
]);

/** With which grammar a file is read, by its name; null where none is known. */
export function grammarOf(path: string): Grammar | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return GRAMMARS.get(name) ?? GRAMMARS.get(name.slice(name.lastIndexOf('.') + 1)) ?? null;
}
