import clsx from 'clsx';
import { ChevronRight, CirclePause, Pencil, Play, Trash2, TriangleAlert } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Schedule } from '@/shared/api/types';
import { ahead, exact } from '@/shared/format/time';
import { saying } from '@/shared/i18n/told';
import { IconButton } from '@/shared/ui/IconButton';
import { useTicking } from '@/shared/ui/now';
import { Switch } from '@/shared/ui/Switch';
import { TimeAgo } from '@/shared/ui/Time';

interface ScheduleRowProps {
  schedule: Schedule;
  allowed: boolean;
  busy: boolean;
  /** What is shown once the row is unfolded. */
  details: () => ReactNode;
  onTurn: (on: boolean) => void;
  onRun: () => void;
  onEdit: () => void;
  onRemove: () => void;
}

/** A schedule in a line: what it makes, when next, and how the last time went; unfolded, all about it. */
export function ScheduleRow(props: ScheduleRowProps) {
  const { schedule, allowed, busy } = props;
  const { name } = schedule;
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const detailsId = useId();
  return (
    <li>
      <div className="grid items-center gap-x-4 gap-y-1.5 px-4 py-2.5 text-list max-desk:grid-cols-[minmax(0,1fr)_auto] desk:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)_minmax(0,1fr)_auto]">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={detailsId}
          onClick={() => setOpen(!open)}
          className="-ml-1 flex min-w-0 items-start gap-1.5 rounded-control text-left"
        >
          <ChevronRight
            aria-hidden
            className={clsx('mt-0.5 size-4 shrink-0 text-faint transition-transform', open && 'rotate-90')}
          />
          <span className="min-w-0">
            <span className="block font-medium [overflow-wrap:anywhere]">{name}</span>
            {schedule.robot.robotType !== name && (
              <span className="block truncate text-small text-muted">{schedule.robot.robotType}</span>
            )}
          </span>
        </button>
        <p className="min-w-0 max-desk:order-3 max-desk:col-span-2 max-desk:pl-5">
          <code className="font-mono text-small [overflow-wrap:anywhere]">{schedule.cron}</code>{' '}
          <span className="text-small text-faint">{schedule.timezone}</span>
        </p>
        <p className="min-w-0 max-desk:order-4 max-desk:col-span-2 max-desk:pl-5">
          <Next schedule={schedule} />
          <Last schedule={schedule} />
        </p>
        <span className="flex items-center justify-end gap-1.5">
          {allowed && (
            <>
              <IconButton label={t('schedules.runOne', { name })} disabled={busy} onClick={props.onRun}>
                <Play className="size-4" />
              </IconButton>
              {schedule.system ? (
                <span aria-hidden className="w-[62px] max-desk:hidden" />
              ) : (
                <>
                  <IconButton label={t('schedules.editOne', { name })} disabled={busy} onClick={props.onEdit}>
                    <Pencil className="size-4" />
                  </IconButton>
                  <IconButton
                    label={t('schedules.removeOne', { name })}
                    disabled={busy}
                    onClick={props.onRemove}
                  >
                    <Trash2 className="size-4" />
                  </IconButton>
                </>
              )}
            </>
          )}
          <Switch
            label={t('schedules.active', { name })}
            on={schedule.isActive}
            disabled={!allowed || busy}
            onChange={props.onTurn}
          />
        </span>
      </div>
      <div id={detailsId} hidden={!open} className="border-t border-line bg-canvas px-4 py-3 desk:pl-9">
        {open && props.details()}
      </div>
    </li>
  );
}

function Next({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const [next] = schedule.nextTimes;
  if (!schedule.isActive || !next) {
    return (
      <span className="flex items-center gap-1.5 text-faint">
        <CirclePause aria-hidden className="size-4 shrink-0" />
        {t('schedules.paused')}
      </span>
    );
  }
  return (
    <span className="block">
      <span className="text-muted">{t('schedules.next')} </span>
      <Ahead at={next} />
    </span>
  );
}

/** When something will be, by the clock of who looks; the exact time on hover. */
export function Ahead({ at }: { at: string }) {
  const { i18n } = useTranslation();
  const moment = new Date(at);
  const text = useTicking((now) => ahead(moment, now, i18n.language));
  return (
    <time dateTime={at} title={exact(moment, i18n.language)}>
      {text}
    </time>
  );
}

function Last({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const error = saying(schedule.lastError, schedule.lastErrorTold, t);
  if (error) {
    return (
      <span className="flex items-center gap-1.5 text-small text-failed">
        <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
        <span className="truncate" title={error}>
          {error}
        </span>
      </span>
    );
  }
  if (!schedule.lastDue)
    return <span className="block text-small text-faint">{t('schedules.neverRan')}</span>;
  return (
    <span className="block text-small text-faint">
      {t('schedules.last')} <TimeAgo at={schedule.lastDue} />
    </span>
  );
}
