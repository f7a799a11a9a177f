import { useTranslation } from '@/shared/i18n/translation';
import { ago, duration, exact } from '@/shared/format/time';
import { useTicking } from './now';

/** How long ago something was; the exact time on hover. */
export function TimeAgo(props: { at: string; className?: string }) {
  const { i18n } = useTranslation();
  const moment = new Date(props.at);
  const text = useTicking((now) => ago(moment, now, i18n.language));
  return (
    <time dateTime={props.at} title={exact(moment, i18n.language)} className={props.className}>
      {text}
    </time>
  );
}

/** How long something takes, or took; it ticks while there is no end. */
export function Elapsed(props: { from: string; to?: string | null; className?: string }) {
  const { i18n } = useTranslation();
  const start = new Date(props.from);
  const text = useTicking((now) => {
    if (props.to) return duration(new Date(props.to).getTime() - start.getTime());
    // While it runs, tenths would only flicker.
    return duration(Math.ceil((now.getTime() - start.getTime()) / 1000) * 1000);
  });
  return (
    <time title={exact(start, i18n.language)} className={props.className}>
      {text}
    </time>
  );
}
