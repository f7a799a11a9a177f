import clsx from 'clsx';
import {
  CircleCheck,
  CircleDot,
  CircleOff,
  LoaderCircle,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Agent, AgentStatus } from '@/shared/api/types';

const LOOKS: Record<AgentStatus, { icon: LucideIcon; color: string }> = {
  busy: { icon: CircleDot, color: 'text-progress' },
  idle: { icon: CircleCheck, color: 'text-approved' },
  initializing: { icon: LoaderCircle, color: 'text-staging' },
  error: { icon: TriangleAlert, color: 'text-failed' },
  offline: { icon: CircleOff, color: 'text-faint' },
};

/** What an agent is up to: picture, colour and word. */
export function AgentState({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const { icon: Icon, color } = LOOKS[agent.status];
  return (
    <span className={clsx('inline-flex items-center gap-1.5', color)} title={agent.errorMessage ?? undefined}>
      <Icon aria-hidden className={clsx('size-4', agent.status === 'busy' && 'animate-breathe')} />
      {t(`agents.state.${agent.status}`)}
    </span>
  );
}
