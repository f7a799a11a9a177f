import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bot } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { AgentTable } from '@/features/agents/AgentTable';
import { ConnectAgent } from '@/features/agents/ConnectAgent';
import { agentsQuery } from '@/features/agents/queries';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Skeleton } from '@/shared/ui/Skeleton';
import { useAddress, useOpenTask } from './navigation';

/** Who works, on what, and when they were last heard of. */
export function AgentsPage() {
  const { t } = useTranslation();
  const agents = useQuery(agentsQuery);
  const open = useOpenTask();
  const { project } = useAddress();
  const content = () => {
    if (!agents.data) {
      if (agents.isError) return <LoadProblem error={agents.error} onRetry={() => void agents.refetch()} />;
      return <Skeleton className="h-40 rounded-card" />;
    }
    if (agents.data.length === 0) {
      return (
        <EmptyState icon={<Bot className="size-6" />} title={t('empty.agents')}>
          {t('empty.agentsText')}
        </EmptyState>
      );
    }
    return (
      <div className="rounded-card border border-line bg-surface max-desk:px-3">
        <AgentTable
          agents={agents.data}
          link={({ podName }) => (
            <Link
              to="/agents/$agent"
              params={{ agent: podName }}
              search={project ? { project } : {}}
              className="underline-offset-2 hover:underline"
            >
              {podName}
            </Link>
          )}
          onOpenTask={open}
        />
      </div>
    );
  };
  return (
    <Page title={t('agents.title')}>
      <div className="min-h-0 grow overflow-y-auto px-4 pb-16">
        <div className="flex flex-col gap-8">
          {content()}
          <ConnectAgent server={location.origin} />
        </div>
      </div>
    </Page>
  );
}
