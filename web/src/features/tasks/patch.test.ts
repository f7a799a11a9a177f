import { expect, it } from 'vitest';
import { patchLines, splitRows } from './patch';

it('numbers the lines of both versions', () => {
  const lines = patchLines(
    ['--- a/x', '+++ b/x', '@@ -3,3 +3,4 @@ def f():', ' same', '-old', '+new', '+more', ' end', ''].join(
      '\n',
    ),
  );
  expect(lines.map(({ kind, before, after }) => [kind, before, after])).toEqual([
    ['hunk', null, null],
    ['same', 3, 3],
    ['removed', 4, null],
    ['added', null, 4],
    ['added', null, 5],
    ['same', 5, 6],
  ]);
  expect(lines[2]?.text).toBe('old');
});

it('starts again at each hunk', () => {
  const lines = patchLines('@@ -1 +1 @@\n-a\n+b\n@@ -90,2 +91,2 @@\n c\n');
  expect(lines.at(-1)).toEqual({ kind: 'same', text: 'c', before: 90, after: 91 });
});

it('keeps the note on a missing end of line, and content that looks like a header', () => {
  const lines = patchLines('@@ -1 +1 @@\n--- sql comment\n+++ counter\n\\ No newline at end of file');
  expect(lines.map(({ kind, text }) => [kind, text])).toEqual([
    ['hunk', '@@ -1 +1 @@'],
    ['removed', '-- sql comment'],
    ['added', '++ counter'],
    ['note', 'No newline at end of file'],
  ]);
});

it.each(['', 'Binary files differ', '--- a/x\n+++ b/x'])('shows no line of %j', (patch) => {
  expect(patchLines(patch)).toEqual([]);
});

it('puts what was removed beside what took its place', () => {
  const rows = splitRows(patchLines('@@ -1,3 +1,4 @@\n same\n-old\n+new\n+more\n last'));
  expect(rows.map(({ left, right }) => [left?.text ?? null, right?.text ?? null])).toEqual([
    ['@@ -1,3 +1,4 @@', '@@ -1,3 +1,4 @@'],
    ['same', 'same'],
    ['old', 'new'],
    [null, 'more'],
    ['last', 'last'],
  ]);
});
