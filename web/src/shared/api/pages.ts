interface Page<Item> {
  data: Item[];
  nextCursor?: string | null;
}

/** All items of a paged list, up to `most`; `complete` is false when there are more. `onFirst` sees the first page. */
export async function allPages<Item>(
  fetchPage: (cursor: string | undefined) => Promise<Page<Item>>,
  most: number,
  onFirst?: (items: Item[]) => void,
): Promise<{ items: Item[]; complete: boolean }> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    items.push(...page.data);
    if (cursor === undefined && page.nextCursor) onFirst?.([...page.data]);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < most);
  return { items, complete: cursor === undefined };
}
