import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { keys } from '@/shared/api/keys';
import type { Task } from '@/shared/api/types';
import { LiveCache } from './cache';
import { LiveConnection } from './connection';
import { LiveContext } from './context';
import type { LiveEvent } from './events';
import { FrameBuffer } from './frames';
import { SocketLine } from './socket';

type FetchTask = (taskId: string) => Promise<Task>;

/** Keeps everything below it up to date for as long as it is mounted. */
export function LiveProvider(props: { fetchTask: FetchTask; children: ReactNode }) {
  const queries = useQueryClient();
  const [live] = useState(() => makeLive(queries, props.fetchTask));
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  return <LiveContext value={live}>{props.children}</LiveContext>;
}

function makeLive(queries: QueryClient, fetchTask: FetchTask): LiveConnection {
  const cache = new LiveCache(queries, fetchTask);
  const frame = new FrameBuffer<LiveEvent>((events) => cache.apply(events));
  return new LiveConnection(new SocketLine(), {
    events: (events) => frame.add(events),
    stale: () => cache.everythingIsStale(),
    // Asking who is signed in leads to the sign-in page if nobody is.
    refused: () => void queries.invalidateQueries({ queryKey: keys.me }),
  });
}
