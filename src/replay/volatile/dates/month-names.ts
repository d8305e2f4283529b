/** How a language writes months and days of the week, January and Sunday first; in the case that it writes them in. */
interface Calendar {
  months: readonly string[];
  shortMonths: readonly string[];
  days: readonly string[];
  shortDays: readonly string[];
}

function calendar(months: string, shortMonths: string, days: string, shortDays: string): Calendar {
  const words = (text: string): string[] => text.split(' ');
  return {
    months: words(months),
    shortMonths: words(shortMonths),
    days: words(days),
    shortDays: words(shortDays),
  };
}

/**
 * From CLDR 46: English, German, French, Spanish, Italian, Portuguese, Dutch. Of names that several have, the first
 * counts.
 */
const calendars: readonly Calendar[] = [
  calendar(
    'January February March April May June July August September October November December',
    'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec',
    'Sunday Monday Tuesday Wednesday Thursday Friday Saturday',
    'Sun Mon Tue Wed Thu Fri Sat',
  ),
  calendar(
    'Januar Februar März April Mai Juni Juli August September Oktober November Dezember',
    'Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez',
    'Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag',
    'So Mo Di Mi Do Fr Sa',
  ),
  calendar(
    'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
    'janv févr mars avr mai juin juil août sept oct nov déc',
    'dimanche lundi mardi mercredi jeudi vendredi samedi',
    'dim lun mar mer jeu ven sam',
  ),
  calendar(
    'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
    'ene feb mar abr may jun jul ago sept oct nov dic',
    'domingo lunes martes miércoles jueves viernes sábado',
    'dom lun mar mié jue vie sáb',
  ),
  calendar(
    'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
    'gen feb mar apr mag giu lug ago set ott nov dic',
    'domenica lunedì martedì mercoledì giovedì venerdì sabato',
    'dom lun mar mer gio ven sab',
  ),
  calendar(
    'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
    'jan fev mar abr mai jun jul ago set out nov dez',
    'domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado',
    'dom seg ter qua qui sex sáb',
  ),
  calendar(
    'januari februari maart april mei juni juli augustus september oktober november december',
    'jan feb mrt apr mei jun jul aug sep okt nov dec',
    'zondag maandag dinsdag woensdag donderdag vrijdag zaterdag',
    'zo ma di wo do vr za',
  ),
];

function alternatives(lists: (calendar: Calendar) => readonly string[]): string {
  return [...new Set(calendars.flatMap(lists))].sort((a, b) => b.length - a.length).join('|');
}

/** For patterns: any name of a month, or of a day of the week. */
export const anyMonth = alternatives(({ months, shortMonths }) => [...months, ...shortMonths]);
export const anyLongMonth = alternatives(({ months }) => months);
export const anyWeekday = alternatives(({ days, shortDays }) => [...days, ...shortDays]);

/** Which names a written date uses. */
export interface DateNames {
  /** 1 to 12. */
  month: number;
  monthNames: readonly string[];
  /** Undefined where the date names no day of the week. */
  weekdayNames: readonly string[] | undefined;
}

/**
 * `german`: the day has a full stop, which German writes and English does not. Undefined: no language writes both so.
 */
export function dateNames(month: string, weekday: string | undefined, german: boolean): DateNames | undefined {
  const [english, ...others] = calendars as [Calendar, ...Calendar[]];
  for (const { months, shortMonths, days, shortDays } of german ? [...others, english] : calendars) {
    const monthNames = [months, shortMonths].find((names) => names.includes(month));
    const weekdayNames = weekday === undefined ? undefined : [days, shortDays].find((names) => names.includes(weekday));
    if (monthNames === undefined || (weekday !== undefined && weekdayNames === undefined)) continue;
    return { month: monthNames.indexOf(month) + 1, monthNames, weekdayNames };
  }
  return undefined;
}

/** 1 to 12 for the name of a month in one of the languages. */
export function monthNumber(name: string): number | undefined {
  return dateNames(name, undefined, false)?.month;
}

/** The names of days of the week that `name` is one of, Sunday first, all in capitals or small letters where it is. */
export function weekdayNames(name: string): readonly string[] | undefined {
  for (const { days, shortDays } of calendars) {
    for (const names of [days, shortDays]) {
      for (const written of [names, names.map((day) => day.toUpperCase()), names.map((day) => day.toLowerCase())]) {
        if (written.includes(name)) return written;
      }
    }
  }
  return undefined;
}
