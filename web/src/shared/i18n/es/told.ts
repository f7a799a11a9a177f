import { refusals } from './refusals';
import { fields, sayings } from './sayings';

/** What the server tells by codes, in Spanish. A code that is not here is told in the server's English. */
export const told = { refusals, sayings, fields };
