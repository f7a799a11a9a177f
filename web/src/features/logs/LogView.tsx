import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { ArrowDown } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { LogLine } from '@/shared/api/types';
import { exact, logTime } from '@/shared/format/time';
import { Button } from '@/shared/ui/Button';
import type { Log } from './lines';

// So near to the end, one means the end.
const AT_END_PX = 40;

interface LogViewProps {
  log: Log;
  /** Reads lines from before the first; gives how many came. */
  onOlder: () => Promise<number>;
  busy: boolean;
}

/** A log that is written while one reads it: it follows the end until somebody scrolls up. */
export function LogView(props: LogViewProps) {
  const { t } = useTranslation();
  const { lines, older } = props.log;
  const scroll = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  // eslint-disable-next-line react-hooks/incompatible-library -- changes from within; not for the compiler
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => 20,
    overscan: 12,
    getItemKey: (index) => lines[index]?.id ?? index,
  });

  const count = lines.length;
  const last = lines.at(-1)?.id;
  useEffect(() => {
    if (following && count > 0) rows.scrollToIndex(count - 1, { align: 'end' });
    // Only what comes in moves the view, not what the virtualizer does.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [following, last, count]);

  const onScroll = () => {
    const box = scroll.current;
    if (box) setFollowing(box.scrollHeight - box.scrollTop - box.clientHeight < AT_END_PX);
  };
  const follow = () => {
    setFollowing(true);
    // The button goes away.
    scroll.current?.focus({ preventScroll: true });
  };
  const showOlder = async () => {
    setFollowing(false);
    const came = await props.onOlder();
    // What one was reading stays where it was.
    requestAnimationFrame(() => rows.scrollToIndex(came, { align: 'start' }));
  };
  return (
    <div className="relative flex min-h-0 grow flex-col overflow-hidden rounded-card border border-line bg-canvas">
      <div
        ref={scroll}
        role="log"
        aria-label={t('log.title')}
        aria-live="off"
        // A region that scrolls must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={onScroll}
        className="min-h-0 grow overflow-y-auto py-1.5 font-mono text-small"
      >
        {older && (
          <div className="flex justify-center pb-1 font-sans">
            <Button tone="quiet" className="h-7" disabled={props.busy} onClick={() => void showOlder()}>
              {t('log.older')}
            </Button>
          </div>
        )}
        <div className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const line = lines[row.index];
            return (
              line && (
                <div
                  key={row.key}
                  ref={rows.measureElement}
                  data-index={row.index}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <Line line={line} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {!following && (
        <Button className="absolute right-4 bottom-3 shadow-float" onClick={follow}>
          <ArrowDown aria-hidden className="size-3.5" />
          {t('log.follow')}
        </Button>
      )}
    </div>
  );
}

const COLORS: Partial<Record<string, string>> = {
  error: 'text-failed',
  warn: 'text-input',
  debug: 'text-faint',
};

function Line({ line }: { line: LogLine }) {
  const { t, i18n } = useTranslation();
  const moment = new Date(line.createdAt);
  const level = line.level === 'error' || line.level === 'warn' ? line.level : null;
  return (
    <p className="flex items-baseline gap-3 px-3 leading-5 hover:bg-hover">
      <time dateTime={line.createdAt} title={exact(moment, i18n.language)} className="shrink-0 text-faint">
        {logTime(moment)}
      </time>
      <span className={clsx('min-w-0 break-words whitespace-pre-wrap', COLORS[line.level])}>
        {level && <span className="font-semibold">{t(`log.level.${level}`)} </span>}
        {line.message}
      </span>
    </p>
  );
}
