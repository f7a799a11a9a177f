/* In English, what the frame and the board say: all that the first load needs. */
export * from './frame';
export * from './board';
export * from './task';
export * from './inbox';
export * from './agents';
