import { type RefObject, useEffect, useRef } from 'react';

/** Calls `onSeen` once, when the element of the ref first comes into sight. */
export function useSeen<Shown extends Element>(onSeen: () => void): RefObject<Shown | null> {
  const element = useRef<Shown>(null);
  const tell = useRef(onSeen);
  useEffect(() => {
    tell.current = onSeen;
  });
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      tell.current();
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return element;
}
