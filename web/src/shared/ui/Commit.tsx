import clsx from 'clsx';
import { shortCommit } from '@/shared/format/numbers';

/** A commit by its first seven digits; all forty on hover. */
export function Commit(props: { commit: string; className?: string }) {
  return (
    <code title={props.commit} className={clsx('font-mono text-small', props.className)}>
      {shortCommit(props.commit)}
    </code>
  );
}
