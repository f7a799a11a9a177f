import { useSyncExternalStore } from 'react';
import { recall, remember } from '@/shared/storage';

const STORED_AS = 'aiworker.notifications';
const watchers = new Set<() => void>();

/** `unable`: this browser cannot, or not at an address like this; `denied`: its owner said no, and can say yes there. */
export type Notifications = 'on' | 'off' | 'denied' | 'unable';

function current(): Notifications {
  if (!('Notification' in window) || !window.isSecureContext) return 'unable';
  if (Notification.permission === 'denied') return 'denied';
  return Notification.permission === 'granted' && recall(STORED_AS) === 'on' ? 'on' : 'off';
}

export function useNotifications(): Notifications {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, current);
}

/** Switches them; the browser asks the person the first time. */
export async function setNotifications(on: boolean): Promise<void> {
  remember(STORED_AS, on ? 'on' : null);
  if (on && current() === 'off') await Notification.requestPermission();
  for (const watcher of watchers) watcher();
}

/** Tells something to a person who looks elsewhere; nothing if they see the page, or do not want it. */
export function tell(title: string, text: string, tag: string, onOpen: () => void): void {
  if (current() !== 'on' || (document.visibilityState === 'visible' && document.hasFocus())) return;
  const told = new Notification(title, { body: text, tag, icon: '/favicon.svg' });
  told.onclick = () => {
    window.focus();
    told.close();
    onOpen();
  };
}
