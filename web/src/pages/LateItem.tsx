import { Link, useNavigate } from '@tanstack/react-router';
import { LateRobots } from '@/features/robots/LateRobots';
import type { Robot } from '@/shared/api/types';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';

/** A module’s robots that will be late, each with the way to it. */
export function LateItem({ name, robots }: { name: string; robots: readonly Robot[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <>
      <LateRobots
        robots={robots}
        robotLink={(robot, text) => (
          <Link
            to="/automation/robots/$robot"
            params={{ robot }}
            className="text-link underline underline-offset-2"
          >
            {text}
          </Link>
        )}
      />
      <Button
        className="self-start"
        onClick={() => void navigate({ to: '/automation/robots', search: { module: name, late: true } })}
      >
        {t('automation.late.all')}
      </Button>
    </>
  );
}
