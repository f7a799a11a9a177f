import clsx from 'clsx';
import { Columns2, FileDiff, Rows2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { TaskDiff } from '@/shared/api/types';
import { shortCommit } from '@/shared/format/numbers';
import { recall, remember } from '@/shared/storage';
import { Button } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';
import { IconButton } from '@/shared/ui/IconButton';
import { useIsNarrow } from '@/shared/ui/useMediaQuery';
import { ChangedFiles } from './ChangedFiles';
import { Counts } from './Counts';
import { FilePatch } from './FilePatch';
import { Remarks } from './Remarks';
import type { Review } from './review';

const STORED_AS = 'aiworker.diff';

/** Of a task without a branch, or with one that differs in nothing. */
export function NoChanges() {
  const { t } = useTranslation();
  return (
    <EmptyState icon={<FileDiff className="size-6" />} title={t('changes.none')}>
      <p>{t('changes.empty')}</p>
    </EmptyState>
  );
}

interface ChangesProps {
  diff: TaskDiff;
  review: Review;
  /** Whether comments can be given now. */
  reviewable: boolean;
  onRequestChanges: () => void;
}

/** What the task's branch changes: the files, then each with its patch; comments on lines are gathered. */
export function Changes(props: ChangesProps) {
  const { t } = useTranslation();
  const { diff, review } = props;
  const narrow = useIsNarrow();
  const [split, setSplit] = useState(recall(STORED_AS) === 'split');
  const choose = (wanted: boolean) => {
    setSplit(wanted);
    remember(STORED_AS, wanted ? 'split' : null);
  };
  if (diff.files.length === 0) return <NoChanges />;
  const several = diff.files.length > 1;
  const gone = review.comments.filter(({ path }) => !diff.files.some((file) => file.path === path));
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-baseline gap-x-3 text-list text-muted">
        <span className="font-medium text-ink">{t('changes.summary', { count: diff.files.length })}</span>
        <Counts additions={diff.additions} deletions={diff.deletions} />
        <code className="font-mono text-small">{shortCommit(diff.head)}</code>
        <span>{t('changes.against', { base: shortCommit(diff.base) })}</span>
        <span role="group" aria-label={t('changes.view')} className="ml-auto self-center max-desk:hidden">
          <IconButton
            label={t('changes.unified')}
            aria-pressed={!split}
            onClick={() => choose(false)}
            className="aria-pressed:bg-hover aria-pressed:text-ink"
          >
            <Rows2 className="size-4" />
          </IconButton>
          <IconButton
            label={t('changes.split')}
            aria-pressed={split}
            onClick={() => choose(true)}
            className="aria-pressed:bg-hover aria-pressed:text-ink"
          >
            <Columns2 className="size-4" />
          </IconButton>
        </span>
      </div>
      {diff.truncated && <p className="text-list text-input">{t('changes.truncated')}</p>}
      {gone.length > 0 && (
        <section className="flex flex-col gap-2 rounded-card border border-line px-3 py-2">
          <h2 className="text-list font-medium">{t('changes.gone')}</h2>
          <Remarks comments={gone} placeOf={({ path, line }) => `${path}:${line}`} onRemove={review.remove} />
        </section>
      )}
      <div className={clsx('grid gap-4', several && 'wide:grid-cols-[232px_minmax(0,1fr)]')}>
        {several && <ChangedFiles files={diff.files} />}
        <div className="flex min-w-0 flex-col gap-4">
          {diff.files.map((file, index) => (
            <FilePatch
              key={file.path}
              id={`file-${index}`}
              file={file}
              split={split && !narrow}
              review={props.reviewable ? review : null}
            />
          ))}
        </div>
      </div>
      {review.comments.length > 0 && (
        <div className="sticky bottom-0 flex items-center justify-between gap-3 rounded-card bg-raised p-2 pl-3 text-list shadow-float">
          {t('changes.comments', { count: review.comments.length })}
          <Button tone="primary" disabled={!props.reviewable} onClick={props.onRequestChanges}>
            {t('step.requestChanges')}
          </Button>
        </div>
      )}
    </div>
  );
}
