import clsx from 'clsx';
import { Fragment, type ReactNode, useMemo } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { ColouredLines } from './colours';
import { type PatchLine, splitRows } from './patch';
import type { CodePiece } from './syntax';

interface PatchLinesProps {
  lines: readonly PatchLine[];
  /** What the pieces of each line are; null while that is not known. */
  colours: ColouredLines | null;
  /** What stands below a line of the new version. */
  below: (line: number) => ReactNode;
  onComment: ((line: number) => void) | null;
}

const LOOKS: Record<PatchLine['kind'], { mark: string; className: string }> = {
  hunk: { mark: '', className: 'bg-hover text-faint' },
  note: { mark: '', className: 'text-faint' },
  same: { mark: ' ', className: '' },
  added: { mark: '+', className: 'bg-added' },
  removed: { mark: '−', className: 'bg-removed' },
};
const COLOURS: Record<NonNullable<CodePiece['kind']>, string> = {
  word: 'text-code-word',
  text: 'text-code-text',
  value: 'text-code-value',
  name: 'text-code-name',
  note: 'text-code-note italic',
};
const NUMBER = 'w-px px-1 text-right text-faint select-none';

/** What was and what is, below each other. */
export function UnifiedLines(props: PatchLinesProps) {
  return (
    <table className="w-full border-collapse font-mono text-small">
      <tbody>
        {props.lines.map((line, index) => (
          <Fragment key={index}>
            <tr className={LOOKS[line.kind].className}>
              <td className={clsx(NUMBER, 'pl-2')}>{line.before}</td>
              <LineNumber line={line.after} onComment={props.onComment} />
              <td className="w-px px-1.5 select-none">{LOOKS[line.kind].mark}</td>
              <Text line={line} colours={props.colours} />
            </tr>
            <Below line={line.after} columns={4} below={props.below} />
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

/** What was at the left, what is at the right. */
export function SplitLines(props: PatchLinesProps) {
  const rows = useMemo(() => splitRows(props.lines), [props.lines]);
  return (
    <table className="w-full table-fixed border-collapse font-mono text-small">
      <colgroup>
        <col className="w-11" />
        <col />
        <col className="w-11" />
        <col />
      </colgroup>
      <tbody>
        {rows.map(({ left, right }, index) => (
          <Fragment key={index}>
            <tr>
              <td className={clsx(NUMBER, left && LOOKS[left.kind].className)}>{left?.before}</td>
              <Text line={left} colours={props.colours} wrap />
              <LineNumber line={right?.after ?? null} onComment={props.onComment} look={right} />
              <Text line={right} colours={props.colours} wrap />
            </tr>
            <Below line={right?.after ?? null} columns={4} below={props.below} />
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function LineNumber(props: {
  line: number | null;
  look?: PatchLine | null;
  onComment: ((line: number) => void) | null;
}) {
  const { t } = useTranslation();
  const { line, look, onComment } = props;
  return (
    <td className={clsx(NUMBER, look && LOOKS[look.kind].className)}>
      {line !== null && onComment ? (
        <button
          type="button"
          tabIndex={-1}
          data-line={line}
          title={t('changes.commentOn', { line })}
          aria-label={t('changes.commentOn', { line })}
          onClick={() => onComment(line)}
          className="hover:text-link hover:underline"
        >
          {line}
        </button>
      ) : (
        line
      )}
    </td>
  );
}

function Text(props: { line: PatchLine | null; colours: ColouredLines | null; wrap?: boolean }) {
  const { line, wrap = false } = props;
  if (!line) return <td className="bg-hover" />;
  const pieces = props.colours?.get(line);
  return (
    <td
      className={clsx(
        'pr-3',
        wrap ? 'pl-1.5 break-words whitespace-pre-wrap' : 'whitespace-pre',
        wrap && LOOKS[line.kind].className,
        line.kind === 'hunk' && 'py-0.5',
      )}
    >
      {pieces?.map(({ text, kind }, index) =>
        kind ? (
          <span key={index} className={COLOURS[kind]}>
            {text}
          </span>
        ) : (
          text
        ),
      ) ??
        (line.text || ' ')}
    </td>
  );
}

function Below(props: { line: number | null; columns: number; below: (line: number) => ReactNode }) {
  const content = props.line === null ? null : props.below(props.line);
  if (!content) return null;
  return (
    <tr>
      <td colSpan={props.columns}>{content}</td>
    </tr>
  );
}
