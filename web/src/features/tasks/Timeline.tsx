import clsx from 'clsx';
import { useTranslation } from '@/shared/i18n/translation';
import type { TimelineEntry } from '@/shared/api/types';
import { Quoting } from '@/shared/ui/Quoting';
import { STATE_LOOKS } from '@/shared/ui/states';
import { TimeAgo } from '@/shared/ui/Time';
import { historyText } from './history';

/** What happened to a task: who, when, from, to and why; oldest first, as a story is told. */
export function Timeline(props: { entries: readonly TimelineEntry[] }) {
  const { t } = useTranslation();
  if (props.entries.length === 0) return <p className="text-list text-faint">{t('timeline.empty')}</p>;
  return (
    <ol className="relative flex flex-col gap-3 before:absolute before:top-2 before:bottom-2 before:left-[7.5px] before:w-px before:bg-line">
      {props.entries.map((entry) => (
        <Entry key={entry.position} entry={entry} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { t } = useTranslation();
  const look = entry.toState ? STATE_LOOKS[entry.toState] : null;
  return (
    <li className="relative flex items-start gap-3 text-list">
      <span className="mt-px flex size-4 shrink-0 items-center justify-center bg-surface">
        {look ? (
          <look.icon aria-hidden className={clsx('size-4', look.color)} />
        ) : (
          <span className="size-1.5 rounded-full bg-line-strong" />
        )}
      </span>
      <p className="min-w-0 grow break-words whitespace-pre-wrap">
        <Sentence entry={entry} />
        {entry.toState && (
          <span className={clsx('ml-2 text-small whitespace-nowrap', look?.color)}>
            <span aria-hidden>→ </span>
            {t(`state.${entry.toState}`)}
          </span>
        )}
      </p>
      <TimeAgo at={entry.createdAt} className="shrink-0 text-small leading-[19px] text-faint" />
    </li>
  );
}

/** What happened, with its actor in front and made to stand out. */
function Sentence({ entry }: { entry: TimelineEntry }) {
  const { t, i18n } = useTranslation();
  const { actor } = entry;
  const text = historyText(entry, t, i18n.language);
  const rest = text.startsWith(actor) ? text.slice(actor.length) : text && `: ${text}`;
  return (
    <>
      <span className="font-medium">{actor}</span>
      <Quoting text={rest} />
    </>
  );
}
