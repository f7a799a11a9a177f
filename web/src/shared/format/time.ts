import i18next from 'i18next';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, short: "now", "4 min", "3 h", "2 d", then the date. Times that lie ahead count as now. */
export function ago(moment: Date, now: Date, language: string): string {
  const passed = now.getTime() - moment.getTime();
  if (passed < 45_000) return language.startsWith('es') ? 'ahora' : 'now';
  if (passed < HOUR) return unit(Math.max(1, Math.round(passed / MINUTE)), 'min');
  if (passed < DAY) return unit(Math.floor(passed / HOUR), 'h');
  if (passed < 14 * DAY) return unit(Math.floor(passed / DAY), 'd');
  const sameYear = moment.getFullYear() === now.getFullYear();
  return moment.toLocaleDateString(language, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** A length of time, in milliseconds, by default in the page's language: "12 ms", "3.2 s", "12 s", "4 min 05 s", "1 h 05 min". */
export function duration(milliseconds: number, language = i18next.language): string {
  if (milliseconds < 999.5) return unit(Math.max(0, Math.ceil(milliseconds)), 'ms');
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return unit(Number(seconds.toFixed(1)).toLocaleString(language), 's');
  if (seconds < 60) return unit(Math.floor(seconds), 's');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${unit(minutes, 'min')} ${unit(twoDigits(seconds % 60), 's')}`;
  if (minutes < 60) return unit(minutes, 'min');
  return `${unit(Math.floor(minutes / 60), 'h')} ${unit(twoDigits(minutes % 60), 'min')}`;
}

/** The exact moment, for those who want to know. */
export function exact(moment: Date, language: string): string {
  return moment.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
}

/** Hours and minutes. */
export function clock(moment: Date, language: string): string {
  return moment.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** A moment that lies ahead, by the clock here: "14:05", "Tue 14:05", then with the date. */
export function ahead(moment: Date, now: Date, language: string): string {
  const time = clock(moment, language);
  if (moment.toDateString() === now.toDateString()) return time;
  const near = moment.getTime() - now.getTime() < 6 * DAY;
  const day = moment.toLocaleDateString(
    language,
    near ? { weekday: 'short' } : { day: 'numeric', month: 'short' },
  );
  return `${day} ${time}`;
}

/** The time of a log's line, to the second, the same in every language: 14:03:22. */
export function logTime(moment: Date): string {
  return [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(twoDigits).join(':');
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

// A number and its unit never part at the end of a line.
function unit(value: number | string, name: string): string {
  return `${value}\u00a0${name}`;
}
