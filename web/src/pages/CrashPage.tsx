import { TriangleAlert } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';

/** A part of the page broke or could not be loaded; the data is on the server. */
export function CrashNote() {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <EmptyState icon={<TriangleAlert className="size-6 text-failed" />} title={t('problem.crashed')}>
        <p className="mb-3">{t('problem.crashedText')}</p>
        <Button onClick={() => location.reload()}>{t('problem.reload')}</Button>
      </EmptyState>
    </div>
  );
}

export function CrashPage() {
  return (
    <main id="page" className="grow">
      <CrashNote />
    </main>
  );
}
