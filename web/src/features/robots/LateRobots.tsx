import type { ReactNode } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Robot } from '@/shared/api/types';
import { exact } from '@/shared/format/time';

const SHOWN = 8;

interface LateRobotsProps {
  robots: readonly Robot[];
  /** Leads to a robot (by id). */
  robotLink: (robotId: string, text: string) => ReactNode;
}

/** Robots that will be late: when each is due, when it will probably be done, and what that rests on. */
export function LateRobots({ robots, robotLink }: LateRobotsProps) {
  const { t, i18n } = useTranslation();
  const moment = (at: string) => exact(new Date(at), i18n.language);
  return (
    <ul className="divide-y divide-line rounded-card border border-line bg-surface text-list">
      {robots.slice(0, SHOWN).map((robot) => (
        <li key={robot.robotId} className="px-4 py-2.5">
          <p className="[overflow-wrap:anywhere]">
            {robotLink(robot.robotId, `${robot.robotType} ${robot.sourceReference ?? robot.robotId}`)}
          </p>
          <p className="text-muted">
            {robot.dueDate && t('automation.late.due', { at: moment(robot.dueDate) })}{' '}
            {robot.deadline?.forecastAt &&
              t('automation.late.forecast', { at: moment(robot.deadline.forecastAt) })}
          </p>
          {robot.deadline?.why && (
            <p className="text-small text-faint">{saying(robot.deadline.why, robot.deadline.whyTold, t)}</p>
          )}
        </li>
      ))}
    </ul>
  );
}
