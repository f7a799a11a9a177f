import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useAddress } from '@/pages/navigation';

interface BackLinkProps {
  to: '/automation/modules' | '/automation/robots' | '/automation/batches';
  text: string;
}

/** From one thing back to all of its kind. */
export function BackLink({ to, text }: BackLinkProps) {
  const { project } = useAddress();
  return (
    <Link
      to={to}
      search={project ? { project } : {}}
      className="-mb-4 inline-flex items-center gap-1.5 self-start text-list text-muted hover:text-ink"
    >
      <ArrowLeft aria-hidden className="size-4" />
      {text}
    </Link>
  );
}
