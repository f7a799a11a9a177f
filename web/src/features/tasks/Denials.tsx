import { useTranslation } from '@/shared/i18n/translation';
import type { Attempt, DeniedTool } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { useAllow } from './queries';

/** What the agent wanted to use and was not allowed to, and one click that allows it from now on. */
export function Denials({ taskId, attempt }: { taskId: string; attempt: Attempt }) {
  const { t } = useTranslation();
  if (attempt.permissionDenials.length === 0) return null;
  return (
    <section className="flex flex-col gap-2 rounded-control border border-line p-3">
      <h4 className="text-small font-medium">{t('attempts.denied.title')}</h4>
      <ul className="flex flex-col gap-2">
        {attempt.permissionDenials.map((denied) => (
          <Denial key={denied.rule} taskId={taskId} attempt={attempt} denied={denied} />
        ))}
      </ul>
    </section>
  );
}

function Denial(props: { taskId: string; attempt: Attempt; denied: DeniedTool }) {
  const { t } = useTranslation();
  const { taskId, attempt, denied } = props;
  const allow = useAllow(taskId);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <code className="min-w-0 font-mono text-small break-words">{denied.rule}</code>
      {denied.allowed ? (
        <span className="text-small text-muted">{t('attempts.denied.allowed')}</span>
      ) : (
        <Button
          disabled={allow.isPending}
          onClick={() => allow.mutate({ execution: attempt.executionId, rule: denied.rule })}
        >
          {t('attempts.denied.allow')}
        </Button>
      )}
    </li>
  );
}
