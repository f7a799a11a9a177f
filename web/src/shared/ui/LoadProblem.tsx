import { TriangleAlert } from 'lucide-react';
import { Problem } from '@/shared/api/problem';
import { useTranslation } from '@/shared/i18n/translation';
import { problemText } from '@/shared/i18n/problemText';
import { Button } from './Button';
import { EmptyState } from './EmptyState';
import { Quoting } from './Quoting';

/** Something could not be read: why, and another try, unless it is not there. */
export function LoadProblem(props: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const missing = props.error instanceof Problem && props.error.status === 404;
  return (
    <div role="alert">
      <EmptyState
        icon={<TriangleAlert className="size-6 text-failed" />}
        title={t(missing ? 'problem.notFound' : 'problem.load')}
      >
        <p className="mb-3">
          <Quoting text={problemText(props.error, t)} />
        </p>
        {!missing && <Button onClick={props.onRetry}>{t('common.retry')}</Button>}
      </EmptyState>
    </div>
  );
}
