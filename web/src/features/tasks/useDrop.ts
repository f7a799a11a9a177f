import { type DragEvent, useState } from 'react';
import type { Command } from './drops';

/** Lets what is dragged be dropped where the handlers are; nothing where there is no command. */
export function useDrop(command: Command | null, onDrop?: (command: Command) => void) {
  const [over, setOver] = useState(false);
  if (!command) return { over: false, handlers: {} };
  const handlers = {
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      event.dataTransfer.dropEffect = 'move';
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      onDrop?.(command);
    },
  };
  return { over, handlers };
}
