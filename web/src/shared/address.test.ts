import { expect, it } from 'vitest';
import { readAddress } from './address';

it('reads project, task, part and filter', () => {
  expect(readAddress({ project: 'shop', task: 'shop-12', tab: 'changes', q: 'cart' })).toEqual({
    project: 'SHOP',
    task: 'SHOP-12',
    tab: 'changes',
    q: 'cart',
  });
});

it.each([{}, { project: '' }, { project: 7, task: ['a'], tab: 'nowhere', q: null }, { q: 'x'.repeat(101) }])(
  'leaves out what makes no sense in %j',
  (search) => {
    expect(readAddress(search)).toEqual({});
  },
);
