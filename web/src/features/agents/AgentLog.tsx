import clsx from 'clsx';
import { useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { LogLevel, LogLine } from '@/shared/api/types';
import { clock, exact } from '@/shared/format/time';
import { INPUT } from '@/shared/ui/Field';
import { Section } from '@/shared/ui/Section';

const LEVELS = ['all', 'debug', 'info', 'warn', 'error'] as const;
const COLORS: Record<LogLevel, string> = {
  debug: 'text-faint',
  info: 'text-ink',
  warn: 'text-input',
  error: 'text-failed',
};
const NEAR_END_PX = 40;

/** What an agent said. The end is followed until somebody scrolls up. */
export function AgentLog({ lines }: { lines: readonly LogLine[] }) {
  const { t, i18n } = useTranslation();
  const [level, setLevel] = useState<(typeof LEVELS)[number]>('all');
  const [words, setWords] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const wanted = words.trim().toLowerCase();
  const shown = lines.filter(
    (line) =>
      (level === 'all' || line.level === level) && (!wanted || line.message.toLowerCase().includes(wanted)),
  );
  useLayoutEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const onScroll = () => {
    const element = box.current;
    if (element)
      follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
  };
  return (
    <Section title={t('agent.log')} text={t('agent.logText')}>
      <div className="flex gap-2 px-3 py-2">
        <input
          type="search"
          aria-label={t('agent.filterLog')}
          placeholder={t('agent.filterLog')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className={clsx(INPUT, 'h-8 max-w-[280px]')}
        />
        <select
          aria-label={t('log.levels')}
          value={level}
          onChange={(event) => setLevel(event.target.value as typeof level)}
          className={clsx(INPUT, 'h-8 max-w-[120px]')}
        >
          {LEVELS.map((each) => (
            <option key={each} value={each}>
              {t(`agent.level.${each}`)}
            </option>
          ))}
        </select>
      </div>
      {/* eslint-disable jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
      <div
        ref={box}
        role="log"
        aria-label={t('agent.log')}
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
        className="h-[min(52vh,520px)] overflow-y-auto rounded-b-card bg-canvas px-3 py-2 font-mono text-small"
      >
        {shown.length === 0 && <p className="text-faint">{t('agent.noLog')}</p>}
        {shown.map((line) => (
          <p key={line.id} className="flex gap-3 py-px">
            <time
              dateTime={line.createdAt}
              title={exact(new Date(line.createdAt), i18n.language)}
              className="shrink-0 text-faint"
            >
              {clock(new Date(line.createdAt), i18n.language)}
            </time>
            <span
              className={clsx(
                'min-w-0 [overflow-wrap:anywhere] whitespace-pre-wrap',
                COLORS[line.level as LogLevel],
              )}
            >
              {line.message}
            </span>
          </p>
        ))}
      </div>
      {/* eslint-enable jsx-a11y/no-noninteractive-tabindex */}
    </Section>
  );
}
