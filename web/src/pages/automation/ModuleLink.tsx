import { Link } from '@tanstack/react-router';
import { useAddress } from '@/pages/navigation';

/** Leads to a module's page. */
export function ModuleLink({ name, className }: { name: string; className?: string }) {
  const { project } = useAddress();
  return (
    <Link
      to="/automation/modules/$module"
      params={{ module: name }}
      search={project ? { project } : {}}
      className={className ?? 'text-link underline underline-offset-2'}
    >
      {name}
    </Link>
  );
}
