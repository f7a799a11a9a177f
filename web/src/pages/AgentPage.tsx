import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, Square } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { AgentLog } from '@/features/agents/AgentLog';
import { AgentState } from '@/features/agents/AgentState';
import { agentLogQuery, agentsQuery, useStopAttempt } from '@/features/agents/queries';
import type { Agent } from '@/shared/api/types';
import { cost, percent } from '@/shared/format/numbers';
import { useLiveRooms } from '@/shared/live/context';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Page } from '@/shared/ui/Page';
import { Section, SectionRow } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';
import { TimeAgo } from '@/shared/ui/Time';
import { useAddress, useOpenTask } from './navigation';

/** One agent: what it does, what it can do, and what it says. */
export function AgentPage() {
  const { t } = useTranslation();
  const { agent: name } = useParams({ from: '/signed-in/agents/$agent' });
  const { project } = useAddress();
  const agents = useQuery(agentsQuery);
  const agent = agents.data?.find(({ podName }) => podName === name);
  const content = () => {
    if (agent) return <OpenAgent agent={agent} />;
    if (agents.data) return <p className="text-list text-muted">{t('agent.missing', { name })}</p>;
    if (agents.isError) return <LoadProblem error={agents.error} onRetry={() => void agents.refetch()} />;
    return <Skeleton className="h-72 rounded-card" />;
  };
  return (
    <Page title={name} actions={agent && <Stop agent={agent} />}>
      <div className="min-h-0 grow overflow-y-auto px-4 pb-16">
        <div className="flex max-w-[980px] flex-col gap-6">
          <Link
            to="/agents"
            search={project ? { project } : {}}
            className="inline-flex items-center gap-1.5 self-start text-list text-muted hover:text-ink"
          >
            <ArrowLeft aria-hidden className="size-4" />
            {t('agent.back')}
          </Link>
          {content()}
        </div>
      </div>
    </Page>
  );
}

function OpenAgent({ agent }: { agent: Agent }) {
  const { t, i18n } = useTranslation();
  const open = useOpenTask();
  const log = useQuery(agentLogQuery(agent.id));
  useLiveRooms(`agent:${agent.id}`);
  const { currentTaskKey: taskKey } = agent;
  return (
    <>
      <Section title={t('task.details')}>
        <SectionRow label={t('agents.status')}>
          <p className="flex flex-wrap items-center gap-x-4 gap-y-1">
            <AgentState agent={agent} />
            <span className="text-muted">
              {t('agents.heartbeat')}{' '}
              {agent.lastHeartbeat ? <TimeAgo at={agent.lastHeartbeat} /> : t('common.never')}
            </span>
          </p>
          {agent.errorMessage && <p className="mt-1 break-words text-failed">{agent.errorMessage}</p>}
        </SectionRow>
        <SectionRow label={t('agents.task')}>
          {taskKey ? (
            <button
              type="button"
              onClick={() => open(taskKey)}
              className="self-start text-left underline-offset-2 hover:underline"
            >
              <span className="text-link">{taskKey}</span> {agent.currentTaskTitle}
            </button>
          ) : (
            <p className="text-faint">{t('agents.nothing')}</p>
          )}
        </SectionRow>
        <SectionRow label={t('agents.capabilities')}>
          <p>{agent.capabilities.join(', ') || '–'}</p>
        </SectionRow>
        <SectionRow label={t('agents.completed')}>
          <p>
            {agent.tasksCompleted}
            <span className="ml-3 text-muted">
              {t('agent.worked')}: {t('agent.minutes', { count: agent.totalRuntimeMinutes })}
            </span>
          </p>
        </SectionRow>
        <SectionRow label={t('agents.success')} hint={t('agents.successText')}>
          <p>{percent(agent.successRate, i18n.language)}</p>
        </SectionRow>
        <SectionRow label={t('agents.cost')} hint={t('agents.costText')}>
          <p>{typeof agent.costTodayUsd === 'number' ? cost(agent.costTodayUsd, i18n.language) : '–'}</p>
        </SectionRow>
        <SectionRow label={t('agent.since')}>
          <p>
            <TimeAgo at={agent.createdAt} />
            {agent.restartsCount > 0 && (
              <span className="ml-3 text-muted">{t('agents.restarts', { count: agent.restartsCount })}</span>
            )}
            {agent.nodeName && <span className="ml-3 text-muted">{agent.nodeName}</span>}
          </p>
        </SectionRow>
      </Section>
      {log.data ? (
        <AgentLog lines={log.data} />
      ) : log.isError ? (
        <LoadProblem error={log.error} onRetry={() => void log.refetch()} />
      ) : (
        <Skeleton className="h-72 rounded-card" />
      )}
    </>
  );
}

function Stop({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const may = useMay();
  const stop = useStopAttempt();
  const [asking, setAsking] = useState(false);
  const { currentTaskId: taskId, currentTaskKey: key } = agent;
  if (!taskId || !key || !may('tasks')) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>
        <Square aria-hidden className="size-3.5" />
        {t('agent.stop')}
      </Button>
      <Confirm
        open={asking}
        title={t('ask.stop', { key })}
        text={t('ask.stopText', { key })}
        action={t('ask.stopDo')}
        busy={stop.isPending}
        onConfirm={() => stop.mutate(taskId, { onSettled: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
