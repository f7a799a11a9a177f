import { ExternalLink, Monitor, RotateCw, Smartphone, Tablet, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { saying } from '@/shared/i18n/told';
import { Quoting } from '@/shared/ui/Quoting';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { Button, buttonClass } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';
import { IconButton } from '@/shared/ui/IconButton';
import { TimeAgo } from '@/shared/ui/Time';

const SIZES = [
  { id: 'full', width: '100%', icon: Monitor },
  { id: 'tablet', width: '768px', icon: Tablet },
  { id: 'phone', width: '390px', icon: Smartphone },
] as const;

interface PreviewProps {
  task: Task;
  busy: boolean;
  /** What it writes. */
  log: ReactNode;
  onDeploy: () => void;
  onRemove: () => void;
}

/** The task's branch as it runs, in a frame as wide as a phone, a tablet or the panel. */
export function Preview(props: PreviewProps) {
  const { t } = useTranslation();
  const { task } = props;
  const problem = saying(task.previewError, task.previewErrorTold, t);
  const [size, setSize] = useState<(typeof SIZES)[number]['id']>('full');
  const [loaded, setLoaded] = useState(0);
  const may = useMay();
  const width = SIZES.find(({ id }) => id === size)?.width;
  if (!task.previewUrl) return <NoPreview {...props} />;
  return (
    <div className="flex h-full min-h-[420px] flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <div role="group" aria-label={t('preview.size')} className="flex max-desk:hidden">
          {SIZES.map(({ id, icon: Icon }) => (
            <IconButton
              key={id}
              label={t(`preview.${id}`)}
              aria-pressed={id === size}
              onClick={() => setSize(id)}
              className="aria-pressed:bg-hover aria-pressed:text-ink"
            >
              <Icon className="size-4" />
            </IconButton>
          ))}
        </div>
        <IconButton label={t('preview.reload')} onClick={() => setLoaded(loaded + 1)}>
          <RotateCw className="size-4" />
        </IconButton>
        <code className="min-w-0 grow truncate font-mono text-small text-muted" title={task.previewUrl}>
          {task.previewUrl}
        </code>
        {task.previewDeployedAt && <TimeAgo at={task.previewDeployedAt} className="text-small text-faint" />}
        <a href={task.previewUrl} target="_blank" rel="noreferrer" className={buttonClass('plain')}>
          <ExternalLink aria-hidden className="size-3.5" />
          {t('preview.open')}
        </a>
        <Button disabled={props.busy || !may('tasks')} onClick={props.onDeploy}>
          {t('preview.restart')}
        </Button>
        <IconButton
          label={t('preview.remove')}
          disabled={props.busy || !may('tasks')}
          onClick={props.onRemove}
        >
          <Trash2 className="size-4" />
        </IconButton>
      </div>
      {problem && (
        <p className="text-list break-words text-failed">
          <Quoting text={problem} />
        </p>
      )}
      <div className="flex min-h-0 grow justify-center overflow-x-auto rounded-card border border-line bg-hover">
        <iframe
          key={loaded}
          title={t('preview.frame', { key: task.key })}
          src={task.previewUrl}
          sandbox="allow-scripts allow-forms allow-popups allow-same-origin"
          className="h-full shrink-0 bg-white"
          style={{ width }}
        />
      </div>
      <PreviewLog log={props.log} />
    </div>
  );
}

function NoPreview({ task, busy, log, onDeploy }: PreviewProps) {
  const { t } = useTranslation();
  const may = useMay();
  const problem = saying(task.previewError, task.previewErrorTold, t);
  const why = problem ?? (task.branchName ? t('preview.noneText') : t('preview.noBranch'));
  return (
    <>
      <EmptyState
        icon={<Monitor className="size-6" />}
        title={t(task.previewError ? 'task.previewFailed' : 'preview.none')}
      >
        <p className="mb-3 break-words">
          <Quoting text={why} />
        </p>
        {task.branchName && (
          <Button disabled={busy || !may('tasks')} onClick={onDeploy}>
            {t('step.deployPreview')}
          </Button>
        )}
      </EmptyState>
      {task.branchName && <PreviewLog log={log} />}
    </>
  );
}

/** Its log, which is read only while somebody looks at it. */
function PreviewLog({ log }: Pick<PreviewProps, 'log'>) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <details className="shrink-0 text-list" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-6 text-muted">{t('preview.log')}</summary>
      <div className="mt-2">{open && log}</div>
    </details>
  );
}
