/* What the server tells by codes, in Spanish. A code that is not here is told in the server's English. */
export { refusals } from './refusals';
export { fields, sayings } from './sayings';
