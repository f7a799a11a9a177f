import { expect, it } from 'vitest';
import { readFolds } from './useFolds';

it.each([
  ['nothing was chosen yet', null, ['cancelled']],
  ['all columns were unfolded', '', []],
  ['some were folded', 'approved backlog', ['backlog', 'approved']],
  ['a column of another version is remembered', 'approved review', ['approved']],
])('where %s, %j folds %j', (_, stored, folded) => {
  expect([...readFolds(stored)]).toEqual(folded);
});
