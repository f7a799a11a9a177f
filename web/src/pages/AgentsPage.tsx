import { useQuery } from '@tanstack/react-query';
import { Bot } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { AgentTable } from '@/features/agents/AgentTable';
import { agentsQuery } from '@/features/agents/queries';
import { CopyLine } from '@/shared/ui/CopyLine';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Skeleton } from '@/shared/ui/Skeleton';
import { connectCommand } from './connectCommand';
import { useOpenTask } from './navigation';

/** Who works, on what, and when they were last heard of. */
export function AgentsPage() {
  const { t } = useTranslation();
  const agents = useQuery(agentsQuery);
  const open = useOpenTask();
  const content = () => {
    if (!agents.data) {
      if (agents.isError) return <LoadProblem error={agents.error} onRetry={() => void agents.refetch()} />;
      return <Skeleton className="h-40 rounded-card" />;
    }
    if (agents.data.length === 0) {
      return (
        <EmptyState icon={<Bot className="size-6" />} title={t('empty.agents')}>
          <p className="mb-3">{t('empty.connectText')}</p>
          <CopyLine text={connectCommand()} />
        </EmptyState>
      );
    }
    return (
      <div className="rounded-card border border-line bg-surface max-desk:px-3">
        <AgentTable agents={agents.data} onOpenTask={open} />
      </div>
    );
  };
  return (
    <Page title={t('agents.title')}>
      <div className="min-h-0 grow overflow-y-auto px-4 pb-8">{content()}</div>
    </Page>
  );
}
