import { useEffect, useRef } from 'react';

// So near to the end, one means the end.
const AT_END_PX = 24;

/** What a program writes, as it comes: it follows the end until somebody scrolls up. */
export function Output(props: { label: string; text: string }) {
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  useEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [props.text]);
  return (
    <pre
      ref={box}
      role="log"
      aria-label={props.label}
      aria-live="off"
      // A region that scrolls must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < AT_END_PX;
      }}
      className="max-h-[320px] overflow-y-auto rounded-card border border-line bg-canvas p-3 font-mono text-small break-words whitespace-pre-wrap"
    >
      {props.text}
    </pre>
  );
}
