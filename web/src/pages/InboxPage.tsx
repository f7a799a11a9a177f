import clsx from 'clsx';
import {
  ArrowLeft,
  CircleX,
  ClockAlert,
  CloudAlert,
  Eye,
  FileQuestionMark,
  HeartPulse,
  Inbox,
  type LucideIcon,
  MessageCircleQuestionMark,
  TriangleAlert,
} from 'lucide-react';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { troubleOf } from '@/features/modules/trouble';
import { reasonOf } from '@/features/reviews/judgement';
import { Button } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Skeleton } from '@/shared/ui/Skeleton';
import { TimeAgo } from '@/shared/ui/Time';
import { useIsNarrow } from '@/shared/ui/useMediaQuery';
import { VirtualList } from '@/shared/ui/VirtualList';
import { InboxDetail } from './InboxDetail';
import { useAddress } from './navigation';
import { useDecisions } from './useDecisions';
import { type InboxItem, useInbox } from './useInbox';

const LOOKS: Record<InboxItem['kind'], { icon: LucideIcon; color: string }> = {
  question: { icon: MessageCircleQuestionMark, color: 'text-input' },
  review: { icon: Eye, color: 'text-ready' },
  failed: { icon: TriangleAlert, color: 'text-failed' },
  rollout: { icon: CircleX, color: 'text-failed' },
  upstream: { icon: CloudAlert, color: 'text-input' },
  module: { icon: HeartPulse, color: 'text-failed' },
  result: { icon: FileQuestionMark, color: 'text-ready' },
  late: { icon: ClockAlert, color: 'text-input' },
};

/** Everything that waits for a person, oldest first: the left half lists, the right half lets one act. */
export function InboxPage() {
  const { t, i18n } = useTranslation();
  const { project = null } = useAddress();
  const inbox = useInbox(project);
  const decisions = useDecisions();
  const narrow = useIsNarrow();
  const [chosen, setChosen] = useState<string | null>(null);
  // On a desk something is always open; on a phone the list comes first.
  const { items } = inbox;
  const shown = items.find(({ id }) => id === chosen) ?? (narrow ? undefined : items[0]);

  const content = () => {
    if (inbox.error) return <LoadProblem error={inbox.error} onRetry={inbox.retry} />;
    if (!inbox.ready) return <Skeleton className="mx-4 h-48 rounded-card" />;
    if (items.length === 0) {
      return (
        <EmptyState icon={<Inbox className="size-6" />} title={t('empty.inbox')}>
          {t('empty.inboxText')}
        </EmptyState>
      );
    }
    return (
      <div className="flex min-h-0 grow desk:border-t desk:border-line">
        {!(narrow && shown) && (
          <VirtualList
            items={items}
            keyOf={keyOfItem}
            estimate={72}
            label={t('inbox.title')}
            className="w-full border-line desk:w-[380px] desk:shrink-0 desk:border-r"
          >
            {(item) => <Row item={item} chosen={item === shown} onChoose={() => setChosen(item.id)} />}
          </VirtualList>
        )}
        {shown && (
          <section
            aria-label={titleOf(shown, t, i18n.language)}
            className="min-h-0 min-w-0 grow overflow-y-auto px-4 pb-8 desk:px-6 desk:pt-4"
          >
            {narrow && (
              <Button tone="quiet" className="mb-2 -ml-3" onClick={() => setChosen(null)}>
                <ArrowLeft aria-hidden className="size-4" />
                {t('inbox.back')}
              </Button>
            )}
            <InboxDetail key={shown.id} item={shown} decisions={decisions} />
          </section>
        )}
      </div>
    );
  };
  return (
    <Page title={t('inbox.title')} {...(items.length > 0 && { count: items.length })}>
      {content()}
    </Page>
  );
}

/** What it is about, in the words of this language as far as the page has them. */
function titleOf(item: InboxItem, t: TFunction, language: string): string {
  if (item.kind === 'module') return troubleOf(item.module, t, language) ?? item.title;
  return item.kind === 'result' ? reasonOf(item.review, t, language) : item.title;
}

const keyOfItem = (item: InboxItem) => `${item.kind} ${item.id}`;

function Row(props: { item: InboxItem; chosen: boolean; onChoose: () => void }) {
  const { t, i18n } = useTranslation();
  const { item } = props;
  const { icon: Icon, color } = LOOKS[item.kind];
  const what =
    item.kind === 'question'
      ? t('question.asks', { name: item.question.askedBy ?? t('question.someone') })
      : t(`inbox.kind.${item.kind}`);
  return (
    <button
      type="button"
      data-focus
      aria-current={props.chosen || undefined}
      onClick={props.onChoose}
      className={clsx(
        'flex w-full items-start gap-2.5 border-b border-line px-4 py-2.5 text-left text-list transition-colors focus-visible:-outline-offset-2',
        props.chosen ? 'bg-surface' : 'hover:bg-hover',
      )}
    >
      <Icon aria-hidden className={clsx('mt-0.5 size-4 shrink-0', color)} />
      <span className="min-w-0 grow">
        <span className="flex gap-2 text-small text-muted">
          <span className="max-w-[140px] shrink-0 truncate">{item.about}</span>
          <span className="min-w-0 grow truncate">{what}</span>
          <TimeAgo at={item.at} className="shrink-0" />
        </span>
        <span className="mt-0.5 line-clamp-2 font-medium break-words">{titleOf(item, t, i18n.language)}</span>
      </span>
    </button>
  );
}
