import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Group } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { Quoting } from '@/shared/ui/Quoting';
import { conflictingKey, type GroupActions } from './queries';
import { nextOf } from './trouble';

/** Why a release failed, or what stands in its way, and what to do next. */
export function Trouble(props: { group: Group; allowed: boolean; actions: Pick<GroupActions, 'sendBack'> }) {
  const { t, i18n } = useTranslation();
  const { group, actions } = props;
  const key = conflictingKey(group);
  const files = new Intl.ListFormat(i18n.language).format(group.conflictFiles);
  const text = key && files ? t('ship.conflict', { key, files }) : saying(group.error, group.errorTold, t);
  if (!text) return null;
  const next = nextOf(group);
  return (
    <div role="alert" className="flex flex-col items-start gap-2 text-list">
      <p className="max-w-full break-words whitespace-pre-wrap text-failed">
        <Quoting text={text} />
      </p>
      {key ? (
        <Button
          disabled={!props.allowed || actions.sendBack.isPending}
          onClick={() => actions.sendBack.mutate(group)}
        >
          {t('ship.sendBack', { key })}
        </Button>
      ) : (
        next && <p className="text-muted">{t(`ship.next.${next}`)}</p>
      )}
    </div>
  );
}
