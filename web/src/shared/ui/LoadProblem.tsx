import { TriangleAlert } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { problemText } from '@/shared/i18n/problemText';
import { Button } from './Button';
import { EmptyState } from './EmptyState';
import { Quoting } from './Quoting';

/** Something could not be read: why, and another try. */
export function LoadProblem(props: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <EmptyState icon={<TriangleAlert className="size-6 text-failed" />} title={t('problem.load')}>
        <p className="mb-3">
          <Quoting text={problemText(props.error, t)} />
        </p>
        <Button onClick={props.onRetry}>{t('common.retry')}</Button>
      </EmptyState>
    </div>
  );
}
