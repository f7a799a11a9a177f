import { expect, it } from 'vitest';
import { allPages } from './pages';

const pages = (cursor: string | undefined) => {
  const at = Number(cursor ?? 0);
  return Promise.resolve({ data: [at, at + 1], nextCursor: at < 4 ? String(at + 2) : null });
};

it('follows the cursor to the end', async () => {
  expect(await allPages(pages, 100)).toEqual({ items: [0, 1, 2, 3, 4, 5], complete: true });
});

it('stops at the most and says that there are more', async () => {
  expect(await allPages(pages, 3)).toEqual({ items: [0, 1, 2, 3], complete: false });
});

it('shows the first page while the others come, and only if there are others', async () => {
  const seen: number[][] = [];
  const pages = [
    { data: [1, 2], nextCursor: 'b' },
    { data: [3], nextCursor: null },
  ];
  const of = (cursor?: string) => Promise.resolve(pages[cursor === 'b' ? 1 : 0] ?? { data: [] });
  expect((await allPages(of, 100, (items) => seen.push(items))).items).toEqual([1, 2, 3]);
  await allPages(
    () => Promise.resolve({ data: [9], nextCursor: null }),
    100,
    (items) => seen.push(items),
  );
  expect(seen).toEqual([[1, 2]]);
});
