import { expect, it } from 'vitest';
import { readAddress, readSignIn, strictly } from './address';

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

it('goes on to an address of this page only', () => {
  expect(readSignIn({ code: 'c', next: '/board?q=x#y' })).toEqual({ code: 'c', next: '/board?q=x#y' });
});

it.each([
  'https://elsewhere.example/board',
  '//elsewhere.example',
  '/\\elsewhere.example',
  '/\t/elsewhere.example',
  'javascript:alert(1)',
  'board',
  '',
  7,
])('never leads away to %j', (next) => {
  expect(readSignIn({ next })).toEqual({});
});

it('takes out of the address what its reader leaves out, and nothing of others', () => {
  const typed = { tab: 'nowhere', task: 'shop-1', of: 'somebody else' };
  expect({ ...typed, ...strictly(['tab', 'task'], readAddress)(typed) }).toEqual({
    task: 'SHOP-1',
    of: 'somebody else',
  });
});
