import { expect, it } from 'vitest';
import { colouredLines } from './colours';
import { patchLines } from './patch';
import { grammarOf } from './syntax';

it.each([
  ['shop/cart.py', 'py'],
  ['web/src/Card.TSX', 'ts'],
  ['deploy/Dockerfile', 'docker'],
  ['Makefile', 'make'],
  ['LICENSE', null],
  ['', null],
])('%s is read as %s', (path, grammar) => {
  expect(grammarOf(path)).toBe(grammar);
});

it('gives every line of a patch its own colours, on both sides of the change', () => {
  const lines = patchLines('@@ -1,2 +1,3 @@\n def total():\n-    return "a"\n+    # taxed\n+    return 21\n');
  const coloured = colouredLines('py', lines);
  const kinds = (index: number) => {
    const line = lines[index];
    return (line && coloured.get(line))
      ?.filter(({ kind }) => kind)
      .map(({ text, kind }) => `${kind}: ${text}`);
  };
  expect(kinds(1)).toEqual(expect.arrayContaining(['word: def']));
  expect(kinds(2)).toEqual(['word: return', 'text: "a"']);
  expect(kinds(3)).toEqual(['note: # taxed']);
  expect(kinds(4)).toEqual(['word: return', 'value: 21']);
});

it('loses no letter, whatever the code says', () => {
  const hostile = '@@ -1 +1,4 @@\n-"""open\n+\'\n+<b>&amp;</b>\n+\\ `${\n+漢字 = "ü"\n@@ -9 +9 @@\n+x\n';
  const lines = patchLines(hostile);
  for (const grammar of ['py', 'ts', 'html', 'sql', 'yaml', 'bash'] as const) {
    const coloured = colouredLines(grammar, lines);
    for (const line of lines.filter(({ kind }) => kind === 'added' || kind === 'removed')) {
      expect(
        coloured
          .get(line)
          ?.map(({ text }) => text)
          .join(''),
        grammar,
      ).toBe(line.text);
    }
  }
});
