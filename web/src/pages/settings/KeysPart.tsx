import { useQuery } from '@tanstack/react-query';
import { KeyRound, Lock, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { KeyTable } from '@/features/keys/KeyTable';
import { NewKeyForm } from '@/features/keys/NewKeyForm';
import { keysQuery, useCreateKey, useRevokeKey } from '@/features/keys/queries';
import { ShownKey } from '@/features/keys/ShownKey';
import { standingOf } from '@/features/keys/standing';
import type { CreatedKey, Key } from '@/shared/api/types';
import { meQuery } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { Dialog } from '@/shared/ui/Dialog';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';

/** Who may come in: keys are made, shown once, and revoked. Only for admins. */
export function KeysPart() {
  const { t } = useTranslation();
  const { data: me } = useQuery(meQuery);
  if (!me) return <Skeleton className="h-72 rounded-card" />;
  if (!me.permissions.includes('admin')) {
    return (
      <EmptyState icon={<Lock className="size-6" />} title={t('settings.keys.adminsOnly')}>
        {t('settings.keys.adminsOnlyText', { scope: me.scope })}
      </EmptyState>
    );
  }
  return <Keys myId={me.id} />;
}

function Keys({ myId }: { myId: string }) {
  const { t } = useTranslation();
  const found = useQuery(keysQuery);
  const revoke = useRevokeKey();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const [endedShown, setEndedShown] = useState(false);

  if (!found.data) {
    if (found.isError) return <LoadProblem error={found.error} onRetry={() => void found.refetch()} />;
    return <Skeleton className="h-72 rounded-card" />;
  }
  const now = new Date();
  const all = found.data.items;
  const live = all.filter((key) => standingOf(key, now) === 'live');
  const shown = endedShown ? all : live;
  return (
    <>
      <Section
        title={t('settings.part.keys')}
        text={t('settings.keys.text')}
        actions={
          <Button tone="primary" onClick={() => setMaking(true)}>
            <Plus aria-hidden className="size-4" />
            {t('settings.keys.create')}
          </Button>
        }
      >
        {shown.length === 0 ? (
          <EmptyState icon={<KeyRound className="size-6" />} title={t('settings.keys.none')}>
            {t('settings.keys.noneText')}
          </EmptyState>
        ) : (
          <KeyTable keys={shown} onRevoke={setRevoking} />
        )}
      </Section>
      {all.length > live.length && (
        <Button tone="quiet" className="-mt-6 self-start" onClick={() => setEndedShown(!endedShown)}>
          {endedShown
            ? t('settings.keys.hideEnded')
            : t('settings.keys.showEnded', { count: all.length - live.length })}
        </Button>
      )}
      <NewKeyDialog open={making} onClose={() => setMaking(false)} />
      <Confirm
        open={revoking !== null}
        title={t('settings.keys.askRevoke', { name: revoking?.name ?? '' })}
        text={t(revoking?.id === myId ? 'settings.keys.askRevokeMine' : 'settings.keys.askRevokeText')}
        action={t('settings.keys.revoke')}
        busy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate(revoking, { onSettled: () => setRevoking(null) })}
        onClose={() => setRevoking(null)}
      />
    </>
  );
}

/** First the form, then the key, which is forgotten with the window. */
function NewKeyDialog(props: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateKey();
  const [made, setMade] = useState<CreatedKey | null>(null);
  const close = () => {
    setMade(null);
    create.reset();
    props.onClose();
  };
  return (
    <Dialog
      title={made ? t('settings.keys.shown', { name: made.name }) : t('settings.keys.create')}
      open={props.open}
      onClose={close}
    >
      {made ? (
        <ShownKey made={made} onDone={close} />
      ) : (
        <NewKeyForm
          busy={create.isPending}
          refused={create.error}
          onSubmit={(key) => create.mutate(key, { onSuccess: setMade })}
        />
      )}
    </Dialog>
  );
}
