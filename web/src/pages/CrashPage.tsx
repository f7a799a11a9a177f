import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';

/** Something in the page broke; the data is on the server. */
export function CrashPage() {
  const { t } = useTranslation();
  return (
    <main id="page" className="grow" role="alert">
      <EmptyState icon={<TriangleAlert className="size-6 text-failed" />} title={t('problem.crashed')}>
        <p className="mb-3">{t('problem.crashedText')}</p>
        <Button onClick={() => location.reload()}>{t('problem.reload')}</Button>
      </EmptyState>
    </main>
  );
}
