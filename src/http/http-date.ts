/** Reads dates as HTTP writes them, and nothing else: what is no date must never pass for one. */

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const time = '(\\d{2}):(\\d{2}):(\\d{2})'
const fixed = new RegExp(`^(?:mon|tue|wed|thu|fri|sat|sun), (\\d{2}) (\\w{3}) (\\d{4}) ${time} gmt$`)
const rfc850 = new RegExp(`^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\\d{2})-(\\w{3})-(\\d{2}) ${time} gmt$`)
const asctime = new RegExp(`^(?:mon|tue|wed|thu|fri|sat|sun) (\\w{3}) ([ \\d]\\d) ${time} (\\d{4})$`)

/**
 * A date in one of the three forms of RFC 9110 §5.6.7, in ms; undefined for any other text. Letters may be of either case
 * (RFC 9111 §4.2).
 */
export function httpDate(text: string | undefined): number | undefined {
  const lower = text?.trim().toLowerCase() ?? ''
  const [, day, month, year, ...clock] = fixed.exec(lower) ?? []
  if (day !== undefined) return instant(Number(year), month!, day, clock)
  const [, day850, month850, year850, ...clock850] = rfc850.exec(lower) ?? []
  if (day850 !== undefined) return instant(fullYear(Number(year850)), month850!, day850, clock850)
  const [, monthC, dayC, hours, minutes, seconds, yearC] = asctime.exec(lower) ?? []
  return dayC === undefined ? undefined : instant(Number(yearC), monthC!, dayC, [hours!, minutes!, seconds!])
}

/** Two digits that would be more than 50 years ahead are of the century before. */
function fullYear(twoDigits: number): number {
  const thisYear = new Date().getUTCFullYear()
  const year = Math.floor(thisYear / 100) * 100 + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}

function instant(
  year: number,
  month: string,
  day: string,
  [hours, minutes, seconds]: readonly string[],
): number | undefined {
  const at = months.indexOf(month)
  // 60 is a leap second.
  if (at === -1 || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined
  const ms = Date.UTC(year, at, Number(day), Number(hours), Number(minutes), Number(seconds))
  const isThatDay = new Date(ms - Number(seconds) * 1_000).getUTCDate() === Number(day)
  return isThatDay ? ms : undefined
}
