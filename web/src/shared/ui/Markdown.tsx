import clsx from 'clsx';
import { useMemo } from 'react';
import { type Block, type Inline, parseMarkdown } from '@/shared/format/markdown';

/** Text as people write it, rendered as elements: nothing in it can become script or style. */
export function Markdown(props: { text: string; className?: string }) {
  const blocks = useMemo(() => parseMarkdown(props.text), [props.text]);
  return (
    <div
      className={clsx(
        'flex w-full max-w-[68ch] min-w-0 flex-col gap-2.5 text-body break-words',
        props.className,
      )}
    >
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return block.level === 2 ? (
        <h2 className="text-body font-semibold">
          <Inlines parts={block.content} />
        </h2>
      ) : (
        <h3 className="text-list font-semibold">
          <Inlines parts={block.content} />
        </h3>
      );
    case 'paragraph':
      return (
        <p className="whitespace-pre-wrap">
          <Inlines parts={block.content} />
        </p>
      );
    case 'quote':
      return (
        <blockquote className="border-l-2 border-line-strong pl-3 whitespace-pre-wrap text-muted">
          <Inlines parts={block.content} />
        </blockquote>
      );
    case 'code':
      return (
        <pre className="rounded-control border border-line bg-canvas px-3 py-2 font-mono text-small break-words whitespace-pre-wrap">
          {block.text}
        </pre>
      );
    case 'list': {
      const List = block.ordered ? 'ol' : 'ul';
      return (
        <List className={clsx('flex flex-col gap-1 pl-5', block.ordered ? 'list-decimal' : 'list-disc')}>
          {block.items.map((item, index) => (
            <li key={index}>
              <Inlines parts={item} />
            </li>
          ))}
        </List>
      );
    }
  }
}

function Inlines({ parts }: { parts: readonly Inline[] }) {
  return parts.map((part, index) => <InlineView key={index} part={part} />);
}

function InlineView({ part }: { part: Inline }) {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'strong':
      return <strong className="font-semibold">{part.text}</strong>;
    case 'emphasis':
      return <em>{part.text}</em>;
    case 'code':
      return <code className="rounded-[4px] bg-hover px-1 font-mono text-small">{part.text}</code>;
    case 'link':
      return (
        <a
          href={part.href}
          target="_blank"
          rel="noreferrer"
          className="text-link underline underline-offset-2"
        >
          {part.text}
        </a>
      );
  }
}
