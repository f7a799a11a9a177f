import { expect, it } from 'vitest';
import { parseMarkdown } from './markdown';

const text = (value: string) => ({ kind: 'text', text: value });

it('knows headings, paragraphs, lists and code', () => {
  const source = '# Title\n\nOne\ntwo\n- a\n- b\n\n1. c\n```py\nx = 1\n- no list\n```\n> said';
  expect(parseMarkdown(source)).toEqual([
    { kind: 'heading', level: 2, content: [text('Title')] },
    { kind: 'paragraph', content: [text('One\ntwo')] },
    { kind: 'list', ordered: false, items: [[text('a')], [text('b')]] },
    { kind: 'list', ordered: true, items: [[text('c')]] },
    { kind: 'code', text: 'x = 1\n- no list' },
    { kind: 'quote', content: [text('said')] },
  ]);
});

it('knows code, strong, emphasis and links within a line', () => {
  expect(parseMarkdown('a `b` **c** *d* [e](https://x.y/z) https://f.g.')).toEqual([
    {
      kind: 'paragraph',
      content: [
        text('a '),
        { kind: 'code', text: 'b' },
        text(' '),
        { kind: 'strong', text: 'c' },
        text(' '),
        { kind: 'emphasis', text: 'd' },
        text(' '),
        { kind: 'link', text: 'e', href: 'https://x.y/z' },
        text(' '),
        { kind: 'link', text: 'https://f.g', href: 'https://f.g' },
        text('.'),
      ],
    },
  ]);
});

it.each(['[x](javascript:alert(1))', '<img src=x onerror=alert(1)>', '2 * 3 * 4', '[x](data:text/html,y)'])(
  'leaves %j as text',
  (source) => {
    expect(parseMarkdown(source)).toEqual([{ kind: 'paragraph', content: [text(source)] }]);
  },
);

it('ends a code block that nobody closed with the text', () => {
  expect(parseMarkdown('```\nx')).toEqual([{ kind: 'code', text: 'x' }]);
});

it('is done with a long text of nothing but marks in no time', () => {
  const began = performance.now();
  parseMarkdown('*'.repeat(30_000) + '`'.repeat(30_000) + '['.repeat(4_000));
  expect(performance.now() - began).toBeLessThan(1_000);
});
