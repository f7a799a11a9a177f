import { createContext, useCallback, useContext, useEffect, useSyncExternalStore } from 'react';
import type { LiveConnection, LiveStatus } from './connection';

export const LiveContext = createContext<LiveConnection | null>(null);

const CONNECTING: LiveStatus = { state: 'connecting' };

/** Whether what is shown is what is. */
export function useLiveStatus(): LiveStatus {
  const connection = useContext(LiveContext);
  const watch = useCallback(
    (watcher: () => void) => connection?.watch(watcher) ?? (() => undefined),
    [connection],
  );
  return useSyncExternalStore(watch, () => connection?.status ?? CONNECTING);
}

/** Progress and log lines of one task, robot or project are sent only to those who ask; this asks while mounted. */
export function useLiveRooms(...rooms: readonly string[]): void {
  const connection = useContext(LiveContext);
  const names = rooms.join(' ');
  useEffect(() => {
    const leave = names.split(' ').map((room) => room && connection?.join(room));
    return () => leave.forEach((each) => each && each());
  }, [names, connection]);
}
