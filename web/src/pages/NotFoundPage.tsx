import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { buttonClass } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <main id="page" tabIndex={-1} className="grow">
      <EmptyState icon={<Compass className="size-6" />} title={t('problem.notFound')}>
        <Link to="/board" className={buttonClass('plain', 'mt-2')}>
          {t('problem.toBoard')}
        </Link>
      </EmptyState>
    </main>
  );
}
