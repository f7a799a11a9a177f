import clsx from 'clsx';
import { memo, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileChange, TaskDiff } from '@/shared/api/types';
import { shortCommit } from '@/shared/format/numbers';
import { Button } from '@/shared/ui/Button';
import { type PatchLine, patchLines } from './patch';

const SHOWN_LINES = 400;
const STATUSES = ['added', 'modified', 'deleted', 'renamed', 'copied', 'type_changed'] as const;

/** Of a task without a branch, or with one that differs in nothing. */
export function NoChanges() {
  const { t } = useTranslation();
  return <p className="text-list text-faint">{t('changes.empty')}</p>;
}

/** What the task's branch changes: the files, then each with its patch. */
export function Changes(props: { diff: TaskDiff }) {
  const { t } = useTranslation();
  const { diff } = props;
  if (diff.files.length === 0) return <NoChanges />;
  return (
    <div className="flex flex-col gap-4">
      <p className="flex flex-wrap items-baseline gap-x-3 text-list text-muted">
        <span className="font-medium text-ink">{t('changes.summary', { count: diff.files.length })}</span>
        <Counts additions={diff.additions} deletions={diff.deletions} />
        <code className="font-mono text-small">{shortCommit(diff.head)}</code>
        <span>{t('changes.against', { base: shortCommit(diff.base) })}</span>
      </p>
      <nav aria-label={t('changes.files')}>
        <ul className="flex flex-col rounded-card border border-line py-1">
          {diff.files.map((file, index) => (
            <li key={file.path}>
              <a
                href={`#file-${index}`}
                onClick={(event) => {
                  event.preventDefault();
                  document.getElementById(`file-${index}`)?.scrollIntoView({ block: 'start' });
                }}
                className="flex items-baseline gap-3 px-3 py-1 text-list hover:bg-hover"
              >
                <span className="min-w-0 grow font-mono text-small break-all">{file.path}</span>
                <Status status={file.status} />
                <Counts additions={file.additions} deletions={file.deletions} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {diff.truncated && <p className="text-list text-input">{t('changes.truncated')}</p>}
      {diff.files.map((file, index) => (
        <FilePatch key={file.path} id={`file-${index}`} file={file} />
      ))}
    </div>
  );
}

function Counts(props: { additions: number; deletions: number }) {
  return (
    <span className="shrink-0 text-small whitespace-nowrap">
      <span className="text-approved">+{props.additions}</span>{' '}
      <span className="text-failed">−{props.deletions}</span>
    </span>
  );
}

function Status(props: { status: string }) {
  const { t } = useTranslation();
  const status = STATUSES.find((each) => each === props.status);
  if (!status || status === 'modified') return null;
  return <span className="shrink-0 text-small text-muted">{t(`changes.${status}`)}</span>;
}

const FilePatch = memo(function FilePatch(props: { id: string; file: FileChange }) {
  const { t } = useTranslation();
  const { file } = props;
  const lines = useMemo(() => patchLines(file.patch ?? ''), [file.patch]);
  const [all, setAll] = useState(false);
  const shown = all ? lines : lines.slice(0, SHOWN_LINES);
  const hidden = lines.length - shown.length;
  return (
    <section
      id={props.id}
      aria-label={file.path}
      className="scroll-mt-2 overflow-hidden rounded-card border border-line"
    >
      <h2 className="flex flex-wrap items-baseline gap-x-3 border-b border-line bg-canvas px-3 py-1.5">
        <span className="font-mono text-small font-medium break-all">{file.path}</span>
        {file.oldPath && file.oldPath !== file.path && (
          <span className="text-small text-muted">{t('changes.from', { path: file.oldPath })}</span>
        )}
        <Counts additions={file.additions} deletions={file.deletions} />
      </h2>
      {lines.length === 0 ? (
        <p className="px-3 py-2 text-list text-muted">
          {file.binary ? t('changes.binary') : file.truncated ? t('changes.tooLarge') : t('changes.noText')}
        </p>
      ) : (
        // A region that scrolls must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="overflow-x-auto" tabIndex={0}>
          <table className="w-full border-collapse font-mono text-small">
            <tbody>
              {shown.map((line, index) => (
                <Line key={index} line={line} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hidden > 0 && (
        <Button tone="quiet" className="m-1" onClick={() => setAll(true)}>
          {t('changes.showRest', { count: hidden })}
        </Button>
      )}
    </section>
  );
});

const LINE_LOOKS: Record<PatchLine['kind'], { mark: string; className: string }> = {
  hunk: { mark: '', className: 'bg-hover text-faint' },
  note: { mark: '', className: 'text-faint' },
  same: { mark: ' ', className: '' },
  added: { mark: '+', className: 'bg-added' },
  removed: { mark: '−', className: 'bg-removed' },
};

function Line({ line }: { line: PatchLine }) {
  const { mark, className } = LINE_LOOKS[line.kind];
  return (
    <tr className={className}>
      <td className="w-px pr-1 pl-2 text-right text-faint select-none">{line.before}</td>
      <td className="w-px px-1 text-right text-faint select-none">{line.after}</td>
      <td className="w-px px-1.5 select-none">{mark}</td>
      <td className={clsx('pr-3 whitespace-pre', line.kind === 'hunk' && 'py-0.5')}>{line.text || ' '}</td>
    </tr>
  );
}
