import { useTranslation } from '@/shared/i18n/translation';
import type { CreatedKey } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { CopyLine } from '@/shared/ui/CopyLine';

/** A key that was just made, to be copied: nobody sees it again. */
export function ShownKey(props: { made: CreatedKey; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-4">
      <p className="text-list text-muted">{t('settings.keys.shownText')}</p>
      <CopyLine text={props.made.key} />
      <Button tone="primary" className="self-end" onClick={props.onDone}>
        {t('settings.keys.done')}
      </Button>
    </div>
  );
}
