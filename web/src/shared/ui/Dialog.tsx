import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { IconButton } from './IconButton';

export const BACKDROP =
  'fixed inset-0 z-40 bg-(--veil) transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0';
export const POPUP =
  'fixed left-1/2 z-50 flex max-h-[min(640px,calc(100dvh-24px))] w-[min(520px,calc(100vw-24px))] -translate-x-1/2 flex-col rounded-panel bg-raised shadow-float transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0 max-desk:bottom-3 desk:top-[12vh]';

const FIELD = 'input, textarea, select';

/** A window above the page: title, content, and a way out by Esc, by a click beside it or by its cross. */
export function Dialog(props: { title: string; open: boolean; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  const content = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={props.open} onOpenChange={(open) => open || props.onClose()}>
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Popup
          className={POPUP}
          // The first field has the focus at once, except after a tap, which should not bring up the keyboard yet.
          initialFocus={(by) =>
            by === 'touch' || (content.current?.querySelector<HTMLElement>(FIELD) ?? true)
          }
        >
          <header className="flex items-center justify-between gap-2 px-4 pt-3 pb-2">
            <Base.Title className="text-body font-semibold">{props.title}</Base.Title>
            <Base.Close render={<IconButton label={t('common.close')} />}>
              <X className="size-4" />
            </Base.Close>
          </header>
          <div ref={content} className="overflow-y-auto px-4 pb-4">
            {props.children}
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
