import clsx from 'clsx';

/** The place of something that is on its way, in its size, so that nothing jumps when it comes. */
export function Skeleton(props: { className?: string }) {
  return <div aria-hidden className={clsx('animate-breathe rounded-control bg-hover', props.className)} />;
}
