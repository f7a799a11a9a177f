import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { keys } from '@/shared/api/keys';
import type { Me } from '@/shared/api/types';
import { type FetchTasks, LiveCache } from './cache';
import { LiveConnection, type LiveListener } from './connection';
import { LiveContext } from './context';
import type { LiveEvent } from './events';
import { FrameBuffer } from './frames';
import { SocketLine } from './socket';

/** Keeps everything below it up to date for as long as it is mounted. */
export function LiveProvider(props: { fetchTasks: FetchTasks; children: ReactNode }) {
  const queries = useQueryClient();
  const [live] = useState(() => makeLive(queries, props.fetchTasks));
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  return <LiveContext value={live}>{props.children}</LiveContext>;
}

function makeLive(queries: QueryClient, fetchTasks: FetchTasks): LiveConnection {
  const cache = new LiveCache(queries, fetchTasks);
  const frames = new FrameBuffer<LiveEvent>((events) => cache.apply(events));
  const listener: LiveListener = {
    events: (events) => frames.add(events),
    stale: () => cache.everythingIsStale(),
    joined: (room) => cache.joined(room),
    // Asking who is signed in leads to the sign-in page if nobody is.
    refused: () => void queries.invalidateQueries({ queryKey: keys.me }),
  };
  // `me` is always read before anything else, so its feeds tell where everything else stood at the earliest.
  const feeds = queries.getQueryData<Me>(keys.me)?.feeds;
  return new LiveConnection(new SocketLine(), listener, undefined, feeds);
}
