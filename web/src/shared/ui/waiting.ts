import { createContext } from 'react';

/** How many things wait for the person; every tab's title says so. */
export const Waiting = createContext(0);
