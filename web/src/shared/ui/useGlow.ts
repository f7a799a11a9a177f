import { useEffect, useRef, useState } from 'react';

const GLOWS_FOR_MS = 1_200;

/** True for a moment after the value has changed; not at first. */
export function useGlow(value: unknown): boolean {
  const last = useRef(value);
  const [glowing, setGlowing] = useState(false);
  useEffect(() => {
    if (last.current === value) return;
    last.current = value;
    setGlowing(true);
    const timer = setTimeout(() => setGlowing(false), GLOWS_FOR_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return glowing;
}
