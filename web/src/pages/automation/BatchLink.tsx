import { Link } from '@tanstack/react-router';
import { useAddress } from '@/pages/navigation';

/** Leads to a batch. */
export function BatchLink({ batch }: { batch: string }) {
  const { project } = useAddress();
  return (
    <Link
      to="/automation/batches/$batch"
      params={{ batch }}
      search={project ? { project } : {}}
      className="text-link underline underline-offset-2"
    >
      {batch}
    </Link>
  );
}
