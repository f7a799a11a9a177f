import { useTranslation } from '@/shared/i18n/translation';
import { Dialog } from '@/shared/ui/Dialog';

const KEYS = [
  ['palette', 'Ctrl K'],
  ['search', '/'],
  ['newTask', 'C'],
  ['move', 'J K'],
  ['sideways', 'H L'],
  ['open', 'Enter'],
  ['close', 'Esc'],
  ['select', 'X'],
  ['menu', 'M'],
  ['board', 'G B'],
  ['inbox', 'G I'],
  ['agents', 'G A'],
  ['ship', 'G S'],
  ['send', 'Ctrl Enter'],
  ['help', '?'],
] as const;

/** The keys of the page. */
export function KeyHelp(props: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('keys.title')} open={props.open} onClose={props.onClose}>
      <dl className="grid grid-cols-[1fr_max-content] gap-x-6 gap-y-2 text-list">
        {KEYS.map(([name, keys]) => (
          <div key={name} className="contents">
            <dt>{t(`keys.${name}`)}</dt>
            <dd className="flex justify-end gap-1">
              {keys.split(' ').map((key) => (
                <kbd
                  key={key}
                  className="min-w-6 rounded-control border border-line-strong bg-canvas px-1.5 text-center font-sans text-small"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
