/** The seven digits that people read of a commit. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}

/** Dollars: "$0.42", and "< $0.01" rather than a free lunch. */
export function cost(dollars: number, language: string): string {
  const format = new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
  });
  return dollars > 0 && dollars < 0.01 ? `< ${format.format(0.01)}` : format.format(dollars);
}

/** Large counts, short: "950", "48.2K". */
export function compact(value: number, language: string): string {
  return new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** A share of one as per cent: "67%"; a dash where there is none to tell. `digits`: at most so many behind the point. */
export function percent(share: number | null | undefined, language: string, digits = 0): string {
  if (share === null || share === undefined) return '–';
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(share);
}
