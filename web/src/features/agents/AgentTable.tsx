import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Agent } from '@/shared/api/types';
import { cost, percent } from '@/shared/format/numbers';
import { Elapsed, TimeAgo } from '@/shared/ui/Time';
import { AgentState } from './AgentState';

/** Who does what, and when they were last heard of. On a phone each row stands on its own. */
interface AgentTableProps {
  agents: readonly Agent[];
  /** Leads to an agent's own page. */
  link: (agent: Agent) => ReactNode;
  onOpenTask: (key: string) => void;
}

export function AgentTable(props: AgentTableProps) {
  const { t } = useTranslation();
  return (
    <table className="w-full border-collapse text-list max-desk:block">
      <thead className="max-desk:sr-only">
        <tr className="border-b border-line text-left text-small text-faint [&_th]:px-3 [&_th]:py-2 [&_th]:font-medium">
          <th scope="col">{t('agents.name')}</th>
          <th scope="col">{t('agents.status')}</th>
          <th scope="col">{t('agents.task')}</th>
          <th scope="col">{t('agents.heartbeat')}</th>
          <th scope="col">{t('agents.capabilities')}</th>
          <th scope="col" className="text-right">
            {t('agents.completed')}
          </th>
          <th scope="col" className="text-right" title={t('agents.successText')}>
            {t('agents.success')}
          </th>
          <th scope="col" className="text-right" title={t('agents.costText')}>
            {t('agents.cost')}
          </th>
        </tr>
      </thead>
      <tbody className="max-desk:block">
        {props.agents.map((agent) => (
          <Row key={agent.id} agent={agent} link={props.link(agent)} onOpenTask={props.onOpenTask} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { agent: Agent; link: ReactNode; onOpenTask: (key: string) => void }) {
  const { t, i18n } = useTranslation();
  const { agent } = props;
  const { currentTaskKey: taskKey } = agent;
  return (
    <tr className="border-b border-line last:border-0 max-desk:grid max-desk:grid-cols-[1fr_auto] max-desk:gap-x-3 max-desk:gap-y-1 max-desk:py-3 desk:[&>td]:px-3 desk:[&>td]:py-2.5">
      <td className="font-medium">
        {props.link}
        {agent.restartsCount > 0 && (
          <span className="ml-2 text-small font-normal text-faint">
            {t('agents.restarts', { count: agent.restartsCount })}
          </span>
        )}
      </td>
      <td className="whitespace-nowrap max-desk:justify-self-end">
        <AgentState agent={agent} />
      </td>
      <td className="max-w-[420px] max-desk:col-span-2">
        {taskKey ? (
          <button
            type="button"
            title={agent.currentTaskTitle ?? undefined}
            onClick={() => props.onOpenTask(taskKey)}
            className="flex max-w-full items-baseline gap-2 text-left underline-offset-2 hover:underline"
          >
            <span className="shrink-0 text-link">{taskKey}</span>
            <span className="truncate">{agent.currentTaskTitle}</span>
            {agent.currentTaskSince && (
              <Elapsed from={agent.currentTaskSince} className="shrink-0 text-small text-faint" />
            )}
          </button>
        ) : (
          <span className="text-faint max-desk:hidden">{t('agents.nothing')}</span>
        )}
      </td>
      <td className="whitespace-nowrap text-muted">
        <span className="desk:hidden">{t('agents.heartbeat')} </span>
        {agent.lastHeartbeat ? <TimeAgo at={agent.lastHeartbeat} /> : t('common.never')}
      </td>
      <td className="text-muted max-desk:order-last max-desk:col-span-2">{agent.capabilities.join(', ')}</td>
      <td className="text-right whitespace-nowrap text-muted">
        {agent.tasksCompleted}
        <span className="desk:hidden"> {t('agents.completed').toLowerCase()}</span>
      </td>
      <td className="text-right whitespace-nowrap text-muted max-desk:hidden">
        {percent(agent.successRate, i18n.language)}
      </td>
      <td className="text-right whitespace-nowrap text-muted max-desk:hidden">
        {typeof agent.costTodayUsd === 'number' ? cost(agent.costTodayUsd, i18n.language) : '–'}
      </td>
    </tr>
  );
}
