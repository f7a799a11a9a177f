/* In English, what all other pages say; they wait for it (`fetchWords`). */
export * from './review';
export * from './ship';
export * from './automation';
export * from './batches';
export * from './trends';
export * from './schedules';
export * from './reports';
export * from './reviews';
export * from './settings';
