import { MessageSquarePlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { FileChange } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { IconButton } from '@/shared/ui/IconButton';
import { CommentForm, type Draft } from './CommentForm';
import { Counts } from './Counts';
import { patchLines } from './patch';
import { SplitLines, UnifiedLines } from './PatchLines';
import { Remarks } from './Remarks';
import type { LineComment, Review } from './review';
import { useColours } from './useColours';

const SHOWN_LINES = 400;

interface FilePatchProps {
  id: string;
  file: FileChange;
  split: boolean;
  /** Null where no comments can be given. */
  review: Review | null;
}

/** One file of a change. A click on a line's number comments on it; by keyboard, the button in its head. */
export function FilePatch(props: FilePatchProps) {
  const { t } = useTranslation();
  const { file, review } = props;
  const lines = useMemo(() => patchLines(file.patch ?? ''), [file.patch]);
  const [all, setAll] = useState(false);
  const [draft, setDraft] = useState<Draft | null>(null);
  const shown = useMemo(() => (all ? lines : lines.slice(0, SHOWN_LINES)), [all, lines]);
  const numbers = useMemo(() => new Set(shown.map(({ after }) => after)), [shown]);
  const [head, colours] = useColours(file.path, shown);
  const hidden = lines.length - shown.length;
  const comments = review?.comments.filter((each) => each.path === file.path && each !== draft?.edits) ?? [];
  // A push may have taken their line away.
  const homeless = comments.filter(({ line }) => !numbers.has(line));
  const firstLine =
    lines.find(({ kind }) => kind === 'added')?.after ?? lines.find(({ after }) => after)?.after;

  // What was written goes along to another line.
  const write = (line: number) => setDraft((old) => ({ body: '', ...old, at: line, line: String(line) }));
  const edit = (comment: LineComment) =>
    setDraft({ at: comment.line, line: String(comment.line), body: comment.body, edits: comment });
  const backTo = (line: number) => {
    const number = head.current?.querySelector<HTMLElement>(`[data-line="${line}"]`);
    (number ?? head.current?.querySelector('button'))?.focus({ preventScroll: true });
  };
  const remove = (comment: LineComment) => {
    backTo(comment.line);
    review?.remove(comment);
  };
  const close = (line: number) => {
    backTo(line);
    setDraft(null);
  };
  const save = () => {
    if (!review || !draft) return;
    const line = Number(draft.line);
    if (draft.edits) review.remove(draft.edits);
    review.add({ path: file.path, line, body: draft.body.trim() });
    close(line);
  };
  const form = draft && (
    <CommentForm draft={draft} onChange={setDraft} onSave={save} onClose={() => close(draft.at)} />
  );
  const below = (line: number) => {
    const here = comments.filter((comment) => comment.line === line);
    const writing = draft?.at === line;
    if (!review || (!writing && here.length === 0)) return null;
    return (
      // As wide as what is in sight of the code, and there however far that is scrolled.
      <div className="sticky left-0 flex w-[100cqi] flex-col gap-2 border-y border-line bg-surface px-3 py-2 font-sans">
        <Remarks comments={here} onEdit={edit} onRemove={remove} />
        {writing && form}
      </div>
    );
  };
  const lost = draft && !numbers.has(draft.at);
  const Lines = props.split ? SplitLines : UnifiedLines;
  return (
    <section
      ref={head}
      id={props.id}
      aria-label={file.path}
      className="scroll-mt-2 overflow-hidden rounded-card border border-line"
    >
      <header className="flex flex-wrap items-center gap-x-3 border-b border-line bg-canvas py-1 pr-1.5 pl-3">
        <h2 className="font-mono text-small font-medium break-all">{file.path}</h2>
        {file.oldPath && file.oldPath !== file.path && (
          <span className="text-small text-muted">{t('changes.from', { path: file.oldPath })}</span>
        )}
        <Counts additions={file.additions} deletions={file.deletions} />
        {review && firstLine && (
          <IconButton label={t('changes.comment')} onClick={() => write(firstLine)} className="ml-auto">
            <MessageSquarePlus className="size-4" />
          </IconButton>
        )}
      </header>
      {review && (homeless.length > 0 || lost) && (
        <div className="flex flex-col gap-2 border-b border-line px-3 py-2">
          <Remarks
            comments={homeless}
            placeOf={({ line }) => t('changes.onLine', { line })}
            onEdit={edit}
            onRemove={remove}
          />
          {lost && form}
        </div>
      )}
      {lines.length === 0 ? (
        <p className="px-3 py-2 text-list text-muted">
          {file.binary ? t('changes.binary') : file.truncated ? t('changes.tooLarge') : t('changes.noText')}
        </p>
      ) : (
        // A region that scrolls must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="@container overflow-x-auto" tabIndex={0}>
          <Lines lines={shown} colours={colours} below={below} onComment={review ? write : null} />
        </div>
      )}
      {hidden > 0 && (
        <Button tone="quiet" className="m-1" onClick={() => setAll(true)}>
          {t('changes.showRest', { count: hidden })}
        </Button>
      )}
    </section>
  );
}
