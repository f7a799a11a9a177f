import * as frame from './frame';
import * as board from './board';
import * as task from './task';
import * as review from './review';
import * as inbox from './inbox';
import * as agents from './agents';
import * as ship from './ship';
import * as automation from './automation';
import * as batches from './batches';
import * as trends from './trends';
import * as schedules from './schedules';
import * as reports from './reports';
import * as reviews from './reviews';
import * as settings from './settings';

/** Every text of the page in English; the other languages have the same. */
export const en = {
  ...frame,
  ...board,
  ...task,
  ...review,
  ...inbox,
  ...agents,
  ...ship,
  ...automation,
  ...batches,
  ...trends,
  ...schedules,
  ...reports,
  ...reviews,
  ...settings,
} as const;
