/** A piece of running text. */
export type Inline =
  | { kind: 'text' | 'strong' | 'emphasis' | 'code'; text: string }
  | { kind: 'link'; text: string; href: string };

export type Block =
  | { kind: 'heading'; level: 2 | 3; content: Inline[] }
  | { kind: 'paragraph' | 'quote'; content: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string };

const HEADING = /^(#{1,6})\s+(.*)$/;
const BULLET = /^\s*[-*+]\s+(.*)$/;
const NUMBER = /^\s*\d{1,9}[.)]\s+(.*)$/;
const FENCE = /^\s*(```|~~~)/;
const QUOTE = /^>\s?(.*)$/;

/**
 * The part of Markdown that people use in a task: headings, lists, quotes, code, strong, emphasis, links. It makes data,
 * never HTML: what it does not know stays text.
 */
export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = [];
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  let at = 0;
  /** Takes the lines from here on that match, by their first group. */
  const take = (pattern: RegExp): string[] => {
    const taken: string[] = [];
    for (
      let match = pattern.exec(lines[at] ?? '');
      match && at < lines.length;
      match = pattern.exec(lines[at] ?? '')
    ) {
      taken.push(match[1] ?? '');
      at += 1;
    }
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const heading = HEADING.exec(line);
    if (line.trim() === '') at += 1;
    else if (FENCE.test(line)) {
      const end = lines.findIndex((each, index) => index > at && FENCE.test(each));
      const stop = end < 0 ? lines.length : end;
      blocks.push({ kind: 'code', text: lines.slice(at + 1, stop).join('\n') });
      at = stop + 1;
    } else if (heading) {
      blocks.push({
        kind: 'heading',
        level: heading[1]?.length === 1 ? 2 : 3,
        content: inlines(heading[2] ?? ''),
      });
      at += 1;
    } else if (BULLET.test(line))
      blocks.push({ kind: 'list', ordered: false, items: take(BULLET).map(inlines) });
    else if (NUMBER.test(line))
      blocks.push({ kind: 'list', ordered: true, items: take(NUMBER).map(inlines) });
    else if (QUOTE.test(line)) blocks.push({ kind: 'quote', content: inlines(take(QUOTE).join('\n')) });
    else blocks.push({ kind: 'paragraph', content: inlines(takeParagraph()) });
  }
  return blocks;

  function takeParagraph(): string {
    const from = at;
    at += 1;
    while (at < lines.length && !startsBlock(lines[at] ?? '')) at += 1;
    return lines.slice(from, at).join('\n');
  }
}

function startsBlock(line: string): boolean {
  return line.trim() === '' || [HEADING, BULLET, NUMBER, FENCE, QUOTE].some((pattern) => pattern.test(line));
}

const INLINE =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|\[([^\]\n]+)\]\((https?:\/\/[^\s()]+)\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?])/g;

function inlines(text: string): Inline[] {
  const parts: Inline[] = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > last) parts.push({ kind: 'text', text: text.slice(last, match.index) });
    last = match.index + match[0].length;
    const [, code, strong, emphasis, label, href, bare] = match;
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong });
    else if (emphasis !== undefined) parts.push({ kind: 'emphasis', text: emphasis });
    else if (label !== undefined && href !== undefined) parts.push({ kind: 'link', text: label, href });
    else if (bare !== undefined) parts.push({ kind: 'link', text: bare, href: bare });
  }
  if (last < text.length) parts.push({ kind: 'text', text: text.slice(last) });
  return parts;
}
