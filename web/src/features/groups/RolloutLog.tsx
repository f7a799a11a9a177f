import { useTranslation } from '@/shared/i18n/translation';

/** What a roll-out wrote, folded until somebody wants to read it. */
export function RolloutLog({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <details className="mt-1 text-list">
      <summary className="min-h-6 text-small text-muted">{t('ship.log')}</summary>
      <pre
        // A region that scrolls must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="mt-1 max-h-[320px] overflow-y-auto rounded-card border border-line bg-canvas p-3 font-mono text-small break-words whitespace-pre-wrap"
      >
        {text}
      </pre>
    </details>
  );
}
