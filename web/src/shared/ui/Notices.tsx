import { CircleCheck, TriangleAlert, X } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { dismiss, useNotices } from './notices';
import { IconButton } from './IconButton';
import { Quoting } from './Quoting';

/** What was just done, or did not work. */
export function Notices() {
  const { t } = useTranslation();
  const notices = useNotices();
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-3 bottom-[calc(72px+env(safe-area-inset-bottom))] z-60 flex flex-col items-center gap-2 desk:inset-x-auto desk:right-4 desk:bottom-4 desk:items-end max-desk:in-[:has([role$=dialog])]:top-3 max-desk:in-[:has([role$=dialog])]:bottom-auto"
    >
      {notices.map((notice) => (
        <div
          key={notice.id}
          className="pointer-events-auto flex max-w-[420px] animate-appear items-start gap-2 rounded-card bg-raised py-2 pr-1.5 pl-3 text-list shadow-float"
        >
          {notice.tone === 'done' ? (
            <CircleCheck aria-hidden className="mt-[5px] size-4 shrink-0 text-approved" />
          ) : (
            <TriangleAlert aria-hidden className="mt-[5px] size-4 shrink-0 text-failed" />
          )}
          <p className="min-w-0 py-1 break-words">
            <Quoting text={notice.text} />
          </p>
          {notice.action && (
            <button
              type="button"
              onClick={() => {
                dismiss(notice.id);
                notice.action?.run();
              }}
              className="rounded-control px-1.5 py-1 font-medium text-link hover:bg-hover"
            >
              {notice.action.text}
            </button>
          )}
          <IconButton label={t('common.close')} onClick={() => dismiss(notice.id)}>
            <X className="size-3.5" />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
