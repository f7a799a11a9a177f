import { history } from './history';
import { refusals } from './refusals';
import { waiting } from './waiting';

/** What the server tells by codes, in Spanish. A code that is not here is told in the server's English. */
export const told = { refusals, waiting, history };
