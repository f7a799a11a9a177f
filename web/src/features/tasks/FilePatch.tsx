import { MessageSquarePlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { FileChange } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { IconButton } from '@/shared/ui/IconButton';
import { CommentForm } from './CommentForm';
import { Counts } from './Counts';
import { patchLines } from './patch';
import { SplitLines, UnifiedLines } from './PatchLines';
import type { Review } from './review';
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
  const [writing, setWriting] = useState<number | null>(null);
  const shown = useMemo(() => (all ? lines : lines.slice(0, SHOWN_LINES)), [all, lines]);
  const [head, colours] = useColours(file.path, shown);
  const hidden = lines.length - shown.length;
  const comments = review?.comments.filter(({ path }) => path === file.path) ?? [];
  const firstLine =
    lines.find(({ kind }) => kind === 'added')?.after ?? lines.find(({ after }) => after)?.after;

  const below = (line: number) => {
    const here = comments.filter((comment) => comment.line === line);
    if (!review || (writing !== line && here.length === 0)) return null;
    return (
      <div className="flex flex-col gap-2 border-y border-line bg-surface px-3 py-2 font-sans">
        {here.map((comment) => (
          <div key={comment.body} className="flex items-start gap-3 text-list">
            <p className="min-w-0 grow break-words whitespace-pre-wrap">{comment.body}</p>
            <Button tone="quiet" className="h-7" onClick={() => review.remove(comment)}>
              {t('changes.removeComment')}
            </Button>
          </div>
        ))}
        {writing === line && (
          <CommentForm
            line={line}
            onLine={setWriting}
            onSave={(body) => {
              review.add({ path: file.path, line, body });
              setWriting(null);
            }}
            onClose={() => setWriting(null)}
          />
        )}
      </div>
    );
  };
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
          <IconButton label={t('changes.comment')} onClick={() => setWriting(firstLine)} className="ml-auto">
            <MessageSquarePlus className="size-4" />
          </IconButton>
        )}
      </header>
      {lines.length === 0 ? (
        <p className="px-3 py-2 text-list text-muted">
          {file.binary ? t('changes.binary') : file.truncated ? t('changes.tooLarge') : t('changes.noText')}
        </p>
      ) : (
        // A region that scrolls must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="overflow-x-auto" tabIndex={0}>
          <Lines lines={shown} colours={colours} below={below} onComment={review ? setWriting : null} />
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
