/** The last list if the next one holds the very same things, so that nothing that depends on it renders again. */
export function sameOr<Item>(last: readonly Item[], next: readonly Item[]): readonly Item[] {
  return isSame(last, next) ? last : next;
}

export function isSame<Item>(one: readonly Item[], other: readonly Item[]): boolean {
  return one === other || (one.length === other.length && one.every((item, at) => item === other[at]));
}
