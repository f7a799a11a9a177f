import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button, type ButtonTone } from './Button';
import { BACKDROP, POPUP } from './Dialog';

interface ConfirmProps {
  open: boolean;
  title: string;
  /** One plain sentence: what will happen. */
  text: string;
  action: string;
  /** The label of the way out, where "Cancel" could be mistaken for the action. */
  keep?: string;
  tone?: ButtonTone;
  busy?: boolean;
  children?: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot simply be undone. */
export function Confirm(props: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <AlertDialog.Root open={props.open} onOpenChange={(open) => open || props.onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACKDROP} />
        <AlertDialog.Popup className={POPUP}>
          <div className="flex flex-col gap-3 overflow-y-auto p-4">
            <AlertDialog.Title className="text-body font-semibold">{props.title}</AlertDialog.Title>
            <AlertDialog.Description className="text-body text-muted">{props.text}</AlertDialog.Description>
            {props.children}
            <div className="mt-1 flex flex-wrap justify-end gap-2">
              <AlertDialog.Close render={<Button />}>{props.keep ?? t('common.cancel')}</AlertDialog.Close>
              <Button tone={props.tone ?? 'danger'} disabled={props.busy} onClick={props.onConfirm}>
                {props.action}
              </Button>
            </div>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
