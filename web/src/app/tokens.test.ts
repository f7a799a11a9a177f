import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const css = readFileSync(fileURLToPath(new URL('tokens.css', import.meta.url)), 'utf8');

function block(start: string): Record<string, string> {
  const from = css.indexOf(start);
  const body = css.slice(from, css.indexOf('}', from));
  const tokens = [...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)];
  return Object.fromEntries(tokens.map(([, name = '', color = '']) => [name, color]));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const STATES = [
  'backlog',
  'progress',
  'input',
  'ready',
  'approved',
  'staging',
  'production',
  'cancelled',
  'failed',
];
const TEXTS = ['ink', 'muted', 'faint', 'link', ...STATES];
const GROUNDS = ['canvas', 'surface', 'raised', 'hover'];
const light = block(':root {');
const dark = block(":root[data-theme='dark'] {");

describe.each([
  ['light', light],
  ['dark', dark],
])('in the %s theme', (_, tokens) => {
  it.each(TEXTS)('the colour "%s" can be read wherever text stands', (text) => {
    for (const ground of GROUNDS) {
      expect(contrast(tokens[text] ?? '', tokens[ground] ?? ''), ground).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(['ink', 'muted', 'code-word', 'code-text', 'code-value', 'code-name', 'code-note'])(
    'the colour "%s" can be read in code, also where it changed',
    (text) => {
      for (const ground of ['surface', 'added', 'removed']) {
        expect(contrast(tokens[text] ?? '', tokens[ground] ?? ''), ground).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it('what stands on the accent can be read', () => {
    for (const accent of ['accent', 'accent-hover']) {
      expect(contrast(tokens['on-accent'] ?? '', tokens[accent] ?? '')).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(tokens['surface'] ?? '', tokens['failed'] ?? '')).toBeGreaterThanOrEqual(4.5);
  });

  it('the focus can be seen', () => {
    for (const ground of GROUNDS) {
      expect(contrast(tokens['focus'] ?? '', tokens[ground] ?? '')).toBeGreaterThanOrEqual(3);
    }
  });
});

it('has the same dark colours by choice as by the system', () => {
  expect(block(":root:not([data-theme='light']) {")).toEqual(dark);
  expect(Object.keys(dark)).toEqual(Object.keys(light));
});
