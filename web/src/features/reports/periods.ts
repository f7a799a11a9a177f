const DAY_MS = 86_400_000;

/** The first and the last day (UTC) of a period by its name: a day, an ISO week or a month; null if it is none. */
export function daysOf(period: string): { first: Date; last: Date } | null {
  const week = /^(\d{4})-W(\d{2})$/.exec(period);
  if (week) {
    // The fourth of January lies in the first week of every year.
    const fourth = Date.UTC(Number(week[1]), 0, 4);
    const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS;
    const first = monday + (Number(week[2]) - 1) * 7 * DAY_MS;
    return { first: new Date(first), last: new Date(first + 6 * DAY_MS) };
  }
  const [year, month, day] = period.split('-').map(Number);
  if (!year || !month) return null;
  if (day) {
    const only = new Date(Date.UTC(year, month - 1, day));
    return { first: only, last: only };
  }
  return { first: new Date(Date.UTC(year, month - 1, 1)), last: new Date(Date.UTC(year, month, 0)) };
}

/** A period as people say it: "21 Nov 2026", "16 – 22 Nov 2026", "November 2026". */
export function periodText(period: string, language: string): string {
  const days = daysOf(period);
  if (!days) return period;
  const month = !/W|-\d{2}-/.test(period);
  const format = new Intl.DateTimeFormat(language, {
    timeZone: 'UTC',
    year: 'numeric',
    ...(month ? { month: 'long' } : { month: 'short', day: 'numeric' }),
  });
  return month ? format.format(days.first) : format.formatRange(days.first, days.last);
}
