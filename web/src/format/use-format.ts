/** Formats bound to the language and the business's time zone; with `useNow` for what grows old on screen. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sessionQuery } from '@/session/session';
import * as dates from './dates';

const HOME_ZONE = 'Asia/Jerusalem';

export function useZone(): string {
  const { data } = useQuery({ ...sessionQuery, enabled: false });
  return data?.business.timezone || HOME_ZONE;
}

export function useFormat() {
  const { t } = useTranslation();
  const zone = useZone();
  return useMemo(
    () => ({
      date: (at: string) => dates.formatDate(zone, new Date(at)),
      time: (at: string) => dates.formatTime(zone, new Date(at)),
      dateTime: (at: string) =>
        t('time.dateAt', {
          date: dates.formatDate(zone, new Date(at)),
          time: dates.formatTime(zone, new Date(at)),
        }),
      when: (at: string, now: Date) => dates.formatWhen(t, zone, new Date(at), now),
      day: (at: string, now: Date) => dates.formatDay(t, zone, new Date(at), now),
      longDay: (at: Date) => dates.formatLongDay(t, zone, at),
      hour: (at: Date) => dates.partsIn(zone, at).hour,
      /** A time a machine took: «0.8 שנ׳». */
      took: (ms: number) => t('time.seconds', { n: (ms / 1000).toFixed(ms < 100 ? 2 : 1) }),
    }),
    [t, zone],
  );
}

/** The current time, renewed at this interval while the window is visible. */
export function useNow(every_ms = 30_000): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const tick = () => {
      if (document.visibilityState === 'visible') setNow(new Date());
    };
    const timer = setInterval(tick, every_ms);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [every_ms]);
  return now;
}
