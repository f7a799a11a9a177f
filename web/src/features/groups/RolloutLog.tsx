import { useTranslation } from '@/shared/i18n/translation';
import { Output } from '@/shared/ui/Output';

interface RolloutLogProps {
  text: string;
  /** It is still being written: nobody has to unfold it. */
  live: boolean;
}

/** What a roll-out writes: open while it goes on, then folded until somebody wants to read it. */
export function RolloutLog({ text, live }: RolloutLogProps) {
  const { t } = useTranslation();
  if (live) return <Output label={t('ship.log')} text={text} />;
  return (
    <details className="mt-1 text-list">
      <summary className="min-h-6 text-small text-muted">{t('ship.log')}</summary>
      <div className="mt-1">
        <Output label={t('ship.log')} text={text} />
      </div>
    </details>
  );
}
