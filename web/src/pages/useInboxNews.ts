import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { tell } from '@/shared/notifications';
import type { InboxItem } from './useInbox';

const MOST_AT_ONCE = 3;

/** Tells what newly waits for the person, by the browser's own notifications if they want them. */
export function useInboxNews(items: readonly InboxItem[], ready: boolean): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (!ready) return;
    const before = known.current;
    known.current = new Set(items.map(({ id }) => id));
    // What waited before the page was opened is no news.
    const news = before ? items.filter(({ id }) => !before.has(id)) : [];
    for (const item of news.slice(0, MOST_AT_ONCE)) {
      const title = t(`inbox.news.${item.kind}`, { key: item.about });
      tell(title, item.title, item.id, () => void navigate({ to: '/inbox' }));
    }
  }, [items, ready, t, navigate]);
}
