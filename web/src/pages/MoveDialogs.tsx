import { useTranslation } from '@/shared/i18n/translation';
import { RequestChanges } from '@/features/tasks/RequestChanges';
import { Confirm } from '@/shared/ui/Confirm';
import type { AskedMove } from './useBoardMoves';

interface MoveDialogsProps {
  asked: AskedMove | null;
  busy: boolean;
  onConfirm: (words?: string) => void;
  onClose: () => void;
}

/** Says in one sentence what a move will do, before it does it. */
export function MoveDialogs(props: MoveDialogsProps) {
  const { t, i18n } = useTranslation();
  const { asked, busy, onClose } = props;
  if (!asked) return null;
  const { command, tasks } = asked;
  if (command === 'requestChanges') {
    return <RequestChanges open busy={busy} onSend={(words) => props.onConfirm(words)} onClose={onClose} />;
  }
  if (command === 'start' || command === 'submit' || command === 'approve' || command === 'reopen')
    return null;
  const values = {
    count: tasks.length,
    key: tasks[0]?.key ?? '',
    keys: new Intl.ListFormat(i18n.language).format(tasks.map(({ key }) => key)),
    number: tasks[0]?.groupNumber ?? '',
  };
  const constructive = command === 'ship' || command === 'promote';
  return (
    <Confirm
      open
      title={t(`move.${command}.title`, values)}
      text={t(`move.${command}.text`, values)}
      action={t(`move.${command}.do`)}
      {...(command === 'cancel' && { keep: t('ask.keep') })}
      tone={constructive ? 'primary' : 'danger'}
      busy={busy}
      onConfirm={() => props.onConfirm()}
      onClose={onClose}
    />
  );
}
